import { Context } from '@temporalio/activity';
import type { AuditSeal } from '../../prisma/audit-chain.ts';
import type { Database } from '../../prisma/client.ts';
import type { Notifier } from '../../prisma/notifier.ts';
import type { FleetApi } from '../clients/fleet-api/fleet-api.ts';
import type { OutboundGuard } from '../platform/outbound.ts';
import type { RolloutActivities } from './contract.ts';
import { observeWave } from './observe-wave.ts';
import { recordRollout } from './record-rollout.ts';
import { loadRollout, nextBatch, settleTarget } from './targets.ts';

export interface RolloutDeps {
  readonly database: Database;
  readonly fleetApi: FleetApi;
  /** Where checks that people have named may be. */
  readonly outbound: OutboundGuard;
  readonly notifier: Notifier;
  /** What the end of a tenant's audit is signed with. */
  readonly auditSeal: AuditSeal;
}

/** The activities of rollouts. */
export function createRolloutActivities(deps: RolloutDeps): RolloutActivities {
  const inTenant = deps.database.withTenantSql;
  return {
    loadRollout: (ref) => inTenant(ref.tenantId, (sql) => loadRollout(sql, ref)),
    recordRollout: (record) => inTenant(record.tenantId, (sql) => recordRollout(sql, deps, record)),
    nextBatch: (input) => inTenant(input.tenantId, (sql) => nextBatch(sql, input)),
    changeTarget: (target) => deps.fleetApi.changeTarget(target, Context.current().cancellationSignal),
    settleTarget: (input) => inTenant(input.tenantId, (sql) => settleTarget(sql, input)),
    observeWave: (input) => observeWave(deps, input),
  };
}
