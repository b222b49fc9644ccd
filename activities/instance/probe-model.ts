import { FAILURES, isFailureCode } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL } from '../../workflows/contracts/model.ts';
import { resolveConfig } from '../adapters/config/resolve.ts';
import type { ProbeOutcome, StepInput } from './contract.ts';
import { confirmKey, currentKey, openKey } from './model-keys.ts';
import type { InstanceDeps } from './ports.ts';
import { loadSubject, type Subject } from './subject.ts';

const PROBE_MS = 30_000;
const MODEL_SETTING = 'model.name';

/**
 * One tiny completion with the claw's own key through the model gateway, while a sealed copy of that key is still there. Older keys are
 * revoked whatever the model said, since the new one has been delivered; the copy is dropped once a model answered to it, so that a
 * later start can ask again after a model was away. Without a copy there is nothing to probe with.
 */
export async function probeModel(deps: InstanceDeps, { tenantId, instanceId }: StepInput, signal?: AbortSignal): Promise<ProbeOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const key = await deps.database.withTenantSql(tenantId, (sql) => currentKey(sql, instanceId));
  const value = key?.state === 'delivered' ? await openKey(deps.secrets, key) : null;
  if (!key || !value) return { skipped: true, ok: false, reason: '', message: '' };
  const answer = await ask(deps.modelGatewayUrl, value, modelOf(subject), signal);
  await deps.database.withTenantSql(tenantId, (sql) => confirmKey(sql, instanceId, key, answer.ok));
  return { skipped: false, ...answer };
}

function modelOf({ spec, layers }: Subject): string {
  const chosen = resolveConfig(layers, spec.config).settings.findLast(({ key }) => key === MODEL_SETTING)?.value;
  return typeof chosen === 'string' && chosen !== '' ? chosen : DEMO_MODEL;
}

async function ask(gatewayUrl: string, key: string, model: string, signal?: AbortSignal): Promise<Omit<ProbeOutcome, 'skipped'>> {
  const limit = AbortSignal.timeout(PROBE_MS);
  try {
    const response = await fetch(`${gatewayUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: 'user', content: 'Say ok.' }] }),
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    const body = (await response.json().catch(() => null)) as { error?: { code?: unknown; message?: unknown } } | null;
    if (response.ok) return { ok: true, reason: 'Answered', message: `The model ${model} answered a test call.` };
    const code = String(body?.error?.code ?? '');
    const reason = isFailureCode(code) ? code : 'MODEL_PROBE_FAILED';
    return { ok: false, reason, message: typeof body?.error?.message === 'string' ? body.error.message.slice(0, 500) : FAILURES[reason].title };
  } catch (error) {
    if (signal?.aborted) throw error;
    const reason = limit.aborted ? 'TIMEOUT' : 'MODEL_UNAVAILABLE';
    return { ok: false, reason, message: FAILURES[reason].title };
  }
}
