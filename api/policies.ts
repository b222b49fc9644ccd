import { accountPolicy } from './account/account.policy.ts';
import { apiKeyPolicy } from './api-keys/api-key.policy.ts';
import { auditPolicy } from './audit/audit.policy.ts';
import { clawTypePolicy } from './claw-types/claw-type.policy.ts';
import { configPolicy, globalConfigPolicy, levelPolicy } from './configs/config.policy.ts';
import { devicePolicy } from './device/device.policy.ts';
import { accountEventPolicy, eventPolicy } from './events/event.policy.ts';
import { hostPolicy } from './hosts/host.policy.ts';
import type { Policy } from './http/authorize.ts';
import { configSecretPolicy } from './http/config-secret.policy.ts';
import { instancePolicy } from './instances/instance.policy.ts';
import { myClawPolicy } from './instances/my-claw.policy.ts';
import { logPolicy } from './logs/log.policy.ts';
import { mePolicy } from './me/me.policy.ts';
import { invitationPolicy, memberPolicy, membershipPolicy } from './members/member.policy.ts';
import { hostMetricPolicy, metricPolicy } from './metrics/metric.policy.ts';
import { notificationPolicy } from './notifications/notification.policy.ts';
import { operationPolicy } from './operations/operation.policy.ts';
import { personPolicy, suspensionPolicy } from './people/person.policy.ts';
import { planPolicy, usageExportPolicy } from './plans/plan.policy.ts';
import { projectPolicy } from './projects/project.policy.ts';
import { providerPolicy } from './providers/provider.policy.ts';
import { quotaPolicy, tenantLimitPolicy } from './quotas/quota.policy.ts';
import { rolloutPolicy } from './rollouts/rollout.policy.ts';
import { keyRotationPolicy } from './secrets/key-rotation.policy.ts';
import { ssoPolicy } from './sso/sso.policy.ts';
import { supportBundlePolicy, systemPolicy } from './system/system.policy.ts';
import { platformPolicy, tenantPolicy } from './tenants/tenant.policy.ts';
import { usagePolicy } from './usage/usage.policy.ts';
import { viewPolicy } from './views/view.policy.ts';

/** Every policy there is; what stands in none of them is denied. */
export const POLICIES: readonly Policy[] = [
  mePolicy,
  accountPolicy,
  devicePolicy,
  personPolicy,
  suspensionPolicy,
  viewPolicy,
  notificationPolicy,
  apiKeyPolicy,
  memberPolicy,
  membershipPolicy,
  invitationPolicy,
  ssoPolicy,
  tenantPolicy,
  platformPolicy,
  projectPolicy,
  instancePolicy,
  myClawPolicy,
  logPolicy,
  operationPolicy,
  rolloutPolicy,
  eventPolicy,
  accountEventPolicy,
  hostPolicy,
  clawTypePolicy,
  configPolicy,
  levelPolicy,
  globalConfigPolicy,
  configSecretPolicy,
  providerPolicy,
  usagePolicy,
  usageExportPolicy,
  quotaPolicy,
  tenantLimitPolicy,
  planPolicy,
  metricPolicy,
  hostMetricPolicy,
  auditPolicy,
  keyRotationPolicy,
  systemPolicy,
  supportBundlePolicy,
];
