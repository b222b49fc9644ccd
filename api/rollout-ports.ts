import { isFailure } from '../workflows/contracts/failures.ts';
import type { ApiDeps } from './deps.ts';
import { changeForRollout, judgeSpec } from './instances/change-for-rollout.ts';
import { controlOperation } from './operations/control-operation.ts';
import type { RolloutPorts } from './rollouts/ports.ts';

/** What rollouts need of instances and operations, put together from those. */
export function rolloutPorts({ catalog, temporal }: Pick<ApiDeps, 'catalog' | 'temporal'>): RolloutPorts {
  return {
    judge: (sql, candidate, spec) => judgeSpec(sql, catalog, candidate, spec),
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
