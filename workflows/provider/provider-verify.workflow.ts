import { FAILURES } from '../contracts/failures.ts';
import type { ProviderVerdict, ProviderVerification } from '../contracts/model.ts';
import { readActivityError } from '../lib/activity-failure.ts';
import { verdictRecords, verifications } from '../lib/proxies.ts';
import { tellEnded, traceOf, type WorkTrace, withTrace } from '../lib/telemetry.ts';

/** Verifies a provider's credential and models with real calls, and records what came of it: verified, or failed with the reason. */
export function providerVerifyWorkflow(input: ProviderVerification): Promise<{ state: ProviderVerdict['state'] }> {
  const trace = traceOf(input.traceparent);
  return withTrace(trace, () => verify(input, trace));
}

async function verify(input: ProviderVerification, trace: WorkTrace | null): Promise<{ state: ProviderVerdict['state'] }> {
  const startedAt = new Date().toISOString();
  const verdict = await findVerdict(input);
  await verdictRecords.recordVerification({ ...input, verdict });
  const result = verdict.state === 'verified' ? 'succeeded' : verdict.state === 'void' ? 'cancelled' : 'failed';
  const code = verdict.state === 'failed' ? verdict.error.code : null;
  tellEnded(trace, { kind: 'verify-provider', subject: input.providerId, result, code, startedAt, endedAt: new Date().toISOString() });
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
