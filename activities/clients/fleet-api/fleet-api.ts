import { Failure, isFailureCode } from '../../../workflows/contracts/failures.ts';
import type { ChangeOutcome, TargetRef } from '../../../workflows/contracts/rollout.ts';

export interface FleetApiOptions {
  /** Base URL of the API. */
  readonly apiUrl: string;
  readonly serviceToken: string;
}

/** The worker's way to what only the API decides: whether a change of an instance is accepted. */
export interface FleetApi {
  /** Throws RUNTIME_UNREACHABLE and the like for what may work later; what is refused for good is an outcome. */
  changeTarget(target: TargetRef, signal: AbortSignal): Promise<ChangeOutcome>;
}

const PATIENCE_MS = 45_000;

export function createFleetApi({ apiUrl, serviceToken }: FleetApiOptions): FleetApi {
  return {
    changeTarget: async (target, signal) => {
      const response = await fetch(new URL('/internal/rollout-targets', apiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(target),
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      }).catch((error: Error) => {
        throw new Failure('RUNTIME_UNREACHABLE', `The API did not answer (${error.name}).`);
      });
      const answer: unknown = await response.json().catch(() => ({}));
      if (response.ok) return answer as ChangeOutcome;
      const { code, detail } = answer as { code?: unknown; detail?: unknown };
      throw new Failure(typeof code === 'string' && isFailureCode(code) ? code : 'RUNTIME_UNREACHABLE', typeof detail === 'string' ? detail : undefined);
    },
  };
}
