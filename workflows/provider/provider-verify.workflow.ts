import { FAILURES } from '../contracts/failures.ts';
import type { ProviderVerdict, ProviderVerification } from '../contracts/model.ts';
import { readActivityError } from '../lib/activity-failure.ts';
import { verdictRecords, verifications } from '../lib/proxies.ts';

/** Verifies a provider's credential and models with real calls, and records what came of it: verified, or failed with the reason. */
export async function providerVerifyWorkflow(input: ProviderVerification): Promise<{ state: ProviderVerdict['state'] }> {
  const verdict = await findVerdict(input);
  await verdictRecords.recordVerification({ ...input, verdict });
  return { state: verdict.state };
}

/** An unreachable model service is a verdict too, once the retries of the activity are used up: nobody waits for ever. */
async function findVerdict(input: ProviderVerification): Promise<ProviderVerdict> {
  try {
    return await verifications.verifyProvider(input);
  } catch (error) {
    const problem = readActivityError(error);
    const { title, nextStep } = FAILURES.TIMEOUT;
    return { state: 'failed', error: problem.kind === 'failed' ? problem.error : { code: 'TIMEOUT', message: title, nextStep } };
  }
}
