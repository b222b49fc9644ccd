import type { Database } from '../../prisma/client.ts';
import { Failure, type FailureView, failureView } from '../../workflows/contracts/failures.ts';
import type { ProviderKind, ProviderVerdict, ProviderVerification } from '../../workflows/contracts/model.ts';
import { type LiteLlmClient, ModelPath } from '../clients/litellm/client.ts';
import { type ModelTarget, routingFields } from '../clients/litellm/model-name.ts';
import { readModelProblem } from '../clients/litellm/problem.ts';
import type { SecretBox } from '../platform/secrets.ts';

export interface VerifyDeps {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly liteLlm: LiteLlmClient;
}

interface ProviderRow {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly base_url: string | null;
  readonly models: readonly string[];
  readonly credential: string | null;
}

interface Probe {
  readonly provider: string;
  readonly target: Exclude<ModelTarget, { kind: 'demo' }>;
}

const MODELS_PROBED = 10;
const SILENCE_MS = 30_000;
/** More than any answer of {@link PROBE_TOKENS} or any explanation of a refusal has. */
const ANSWER_BYTES = 1024 * 1024;
/** Enough for models that think before the first word, little enough to cost next to nothing. */
const PROBE_TOKENS = 16;

/** See {@link ModelActivities.verifyProvider}. */
export async function verifyProvider({ database, secrets, liteLlm }: VerifyDeps, input: ProviderVerification): Promise<ProviderVerdict> {
  const row = await readProvider(database, input);
  if (!row) return { state: 'void' };
  const apiKey = row.credential === null ? null : await secrets.open(row.credential, `provider/${input.providerId}`);
  const probes = row.models.slice(0, MODELS_PROBED).map((model) => ({ provider: row.name, target: { kind: row.kind, model, baseUrl: row.base_url, apiKey } }));
  const problems = (await Promise.all(probes.map((probe) => probeModel(liteLlm, probe)))).filter((problem) => problem !== null);
  // A refused credential explains whatever else went wrong.
  const worst = problems.find(({ code }) => code === 'PROVIDER_CREDENTIAL_INVALID') ?? problems[0];
  return worst ? { state: 'failed', error: worst } : { state: 'verified' };
}

async function readProvider(database: Database, { tenantId, providerId, revision }: ProviderVerification): Promise<ProviderRow | undefined> {
  const text = 'SELECT name, kind, base_url, models, credential FROM provider WHERE id = $1 AND revision = $2';
  return database.withTenantSql(tenantId, async (sql) => (await sql.query<ProviderRow>(text, [providerId, revision])).rows[0]);
}

/** Null when the model answered. */
async function probeModel(liteLlm: LiteLlmClient, { provider, target }: Probe): Promise<FailureView | null> {
  const context = { provider, model: target.model, secrets: [target.apiKey] };
  try {
    const { path, body } = smallestRequest(target);
    const answer = await liteLlm.send({ path, body, silenceMs: SILENCE_MS });
    const text = await readText(answer.body);
    return answer.status < 400 ? null : failureView(asProbeFailure(readModelProblem(answer.status, answer.headers, text, context)));
  } catch (error) {
    if (error instanceof Failure && error.code === 'TIMEOUT')
      return failureView(new Failure('TIMEOUT', `The model ${target.model} of ${provider} did not answer within ${SILENCE_MS / 1000} s.`));
    // The address is none where a provider may be.
    if (error instanceof Failure && error.code === 'VALIDATION_FAILED') return failureView(asProbeFailure(error));
    throw error;
  }
}

function smallestRequest(target: Probe['target']): { path: ModelPath; body: Readonly<Record<string, unknown>> } {
  if (/embed/i.test(target.model)) return { path: ModelPath.embeddings, body: { ...routingFields(target, ModelPath.embeddings), input: 'ok' } };
  const messages = [{ role: 'user', content: 'Answer with the word ok.' }];
  return { path: ModelPath.chatCompletions, body: { ...routingFields(target, ModelPath.chatCompletions), messages, max_tokens: PROBE_TOKENS } };
}

/** What for a claw is a model that does not work now is for a verification a probe that failed. */
function asProbeFailure(failure: Failure): Failure {
  const { code, message, details } = failure;
  return code === 'MODEL_UNAVAILABLE' || code === 'VALIDATION_FAILED' ? new Failure('MODEL_PROBE_FAILED', message, details) : failure;
}

/** Reads no more than the beginning of what never ends; leaving the loop destroys the rest. */
export async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      parts.push(part.subarray(0, ANSWER_BYTES - bytes));
      bytes += part.length;
      if (bytes >= ANSWER_BYTES) break;
    }
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('MODEL_UNAVAILABLE', 'The model service broke off in the middle of the answer.');
  }
  return Buffer.concat(parts).toString();
}
