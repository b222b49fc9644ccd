import type { ModelActivities } from './contract.ts';
import { recordVerification } from './record-verification.ts';
import { type VerifyDeps, verifyProvider } from './verify-provider.ts';

/** The activities of models and providers, over what they need of the outside. */
export function createModelActivities(deps: VerifyDeps): ModelActivities {
  return {
    verifyProvider: (input) => verifyProvider(deps, input),
    recordVerification: (input) => recordVerification(deps.database, input),
  };
}
