import { ConfigLevel } from '../workflows/contracts/config.ts';
import { isFailure } from '../workflows/contracts/failures.ts';
import { globalConfigPolicy, levelPolicy } from './configs/config.policy.ts';
import type { ApiDeps } from './deps.ts';
import { Action, authorize } from './http/authorize.ts';
import { changeForRollout, judgeSpec } from './instances/change-for-rollout.ts';
import { controlOperation } from './operations/control-operation.ts';
import type { RolloutPorts } from './rollouts/ports.ts';

/** What rollouts need of instances and operations, put together from those. */
export function rolloutPorts({ catalog, temporal }: Pick<ApiDeps, 'catalog' | 'temporal'>): RolloutPorts {
  return {
    judge: (sql, candidate, spec, kind) => judgeSpec(sql, catalog, candidate, spec, kind),
    authorizeConfig: (actor, level) => authorize(actor, { action: Action.update, policy: level === ConfigLevel.global ? globalConfigPolicy : levelPolicy }),
    accept: (sql, context, instanceId, change) => changeForRollout(sql, context, catalog, instanceId, change),
    cancel: async (instanceId, operationId, requestedBy) => {
      try {
        await controlOperation(temporal, { instanceId, operationId, control: 'cancel', requestedBy, idempotencyKey: null });
      } catch (error) {
        if (!isFailure(error) || error.code !== 'ILLEGAL_TRANSITION') throw error;
      }
    },
  };
}
