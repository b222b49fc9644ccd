import { createHostActivities } from './host/activities.ts';
import type { ObserverDeps } from './host/observe-host.ts';
import { createInstanceActivities } from './instance/activities.ts';
import type { InstanceDeps } from './instance/ports.ts';
import { createMailActivities } from './mail/activities.ts';
import type { MailDeps } from './mail/send-mail.ts';
import { createMetricsActivities, type MetricsDeps } from './metrics/activities.ts';
import { createModelActivities } from './model/activities.ts';
import type { VerifyDeps } from './model/verify-provider.ts';
import { createRecordActivities } from './record/record-progress.ts';
import { createRolloutActivities, type RolloutDeps } from './rollout/activities.ts';
import { createSecretActivities, type SecretDeps } from './secrets/activities.ts';
import { createTenantActivities } from './tenant/activities.ts';
import type { TenantDeps } from './tenant/drain-tenant.ts';

/** Everything the activities of the worker need from it. */
export interface ActivityDeps extends InstanceDeps, ObserverDeps, VerifyDeps, MetricsDeps, MailDeps, SecretDeps, TenantDeps, RolloutDeps {}

/** Registry of all activities by the names that workflows call. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...createInstanceActivities(deps),
    ...createRecordActivities(deps),
    ...createHostActivities(deps),
    ...createModelActivities(deps),
    ...createMetricsActivities(deps),
    ...createMailActivities(deps),
    ...createSecretActivities(deps),
    ...createTenantActivities(deps),
    ...createRolloutActivities(deps),
  };
}
