import { accountContracts } from './account/account.schema.ts';
import { passkeyContracts } from './account/passkey.schema.ts';
import { apiKeyContracts } from './api-keys/api-key.schema.ts';
import { auditContracts } from './audit/audit.schema.ts';
import { clawTypeContracts } from './claw-types/claw-type.schema.ts';
import { configContracts } from './configs/config.contracts.ts';
import { deviceContracts } from './device/device.schema.ts';
import { entryContracts } from './entry/entry.schema.ts';
import { eventContracts } from './events/event.schema.ts';
import { hostContracts } from './hosts/host.schema.ts';
import type { RouteContract } from './http/contract.ts';
import { instanceContracts } from './instances/instance.contracts.ts';
import { myClawContracts } from './instances/my-claw.schema.ts';
import { logArchiveContracts } from './logs/log-archive.schema.ts';
import { meContracts } from './me/me.schema.ts';
import { invitationContracts } from './members/invitation.schema.ts';
import { memberContracts } from './members/member.schema.ts';
import { metricContracts } from './metrics/metric.schema.ts';
import { notificationContracts } from './notifications/notification.schema.ts';
import { operationContracts } from './operations/operation.schema.ts';
import { personContracts } from './people/person.schema.ts';
import { planContracts } from './plans/plan.schema.ts';
import { projectContracts } from './projects/project.schema.ts';
import { providerContracts } from './providers/provider.schema.ts';
import { clawPolicyContracts } from './quotas/claw-policy.schema.ts';
import { quotaContracts } from './quotas/quota.schema.ts';
import { streamContracts } from './realtime/stream.schema.ts';
import { rolloutContracts } from './rollouts/rollout.contracts.ts';
import { keyRotationContracts } from './secrets/key-rotation.schema.ts';
import { setupContracts } from './setup/setup.schema.ts';
import { ssoContracts } from './sso/sso.schema.ts';
import { systemContracts } from './system/system.schema.ts';
import { platformRoleContracts } from './tenants/platform-role.schema.ts';
import { tenantContracts } from './tenants/tenant.schema.ts';
import { usageContracts } from './usage/usage.schema.ts';
import { viewContracts } from './views/view.schema.ts';

/** Every route under `/api/v1`, in the order of the document. */
export const CONTRACTS = [
  ...setupContracts,
  ...meContracts,
  ...accountContracts,
  ...passkeyContracts,
  ...deviceContracts,
  ...viewContracts,
  ...notificationContracts,
  ...apiKeyContracts,
  ...memberContracts,
  ...invitationContracts,
  ...ssoContracts,
  ...personContracts,
  ...tenantContracts,
  ...platformRoleContracts,
  ...projectContracts,
  ...instanceContracts,
  ...entryContracts,
  ...myClawContracts,
  ...streamContracts,
  ...logArchiveContracts,
  ...operationContracts,
  ...rolloutContracts,
  ...eventContracts,
  ...hostContracts,
  ...clawTypeContracts,
  ...configContracts,
  ...providerContracts,
  ...usageContracts,
  ...quotaContracts,
  ...clawPolicyContracts,
  ...planContracts,
  ...metricContracts,
  ...systemContracts,
  ...auditContracts,
  ...keyRotationContracts,
] as unknown as readonly RouteContract[];
