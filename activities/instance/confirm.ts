import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { controlTokenOf, MODEL_KEY_SECRET } from '../adapters/openclaw/fleet-config.ts';
import { type ClawControl, createClawControl, runsFiles } from '../clients/openclaw/claw-control.ts';
import type { StepInput, StepOutcome } from './contract.ts';
import { readThroughDial } from './dialed-http.ts';
import { currentKey, markDelivered, openKey } from './model-keys.ts';
import type { InstanceDeps } from './ports.ts';
import { loadSubject, type Subject } from './subject.ts';

const CONTROL_PORT = 'gateway';
const CONFIRM_MS = 45_000;
/** One short request on loopback each; what one waits here longer, everybody waits who makes a claw. */
const ASK_AGAIN_MS = 100;

/** Asks the claw until it runs the configuration it was given. Throws CONFIG_NOT_APPLIED after 45 s, with the claw's reasons when it refuses it. */
export async function verifyConfig(deps: InstanceDeps, { tenantId, instanceId }: StepInput, signal?: AbortSignal): Promise<StepOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const desired = await deps.driver.desired(subject.ref);
  if (subject.adapter.ack.type === 'none' || desired === null) return { skipped: true };
  const isApplied = await confirmation(deps, subject, desired.filesHash);
  const deadline = performance.now() + CONFIRM_MS;
  let trouble: Failure | null = null;
  while (performance.now() < deadline) {
    try {
      if (await isApplied()) return { skipped: false };
      trouble = null;
    } catch (error) {
      if (!isFailure(error) || !error.retryable) throw error;
      trouble = error;
    }
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
  throw trouble ?? new Failure('CONFIG_NOT_APPLIED');
}

async function confirmation(deps: InstanceDeps, subject: Subject, filesHash: string): Promise<() => Promise<boolean>> {
  const { ack } = subject.adapter;
  if (ack.type === 'http')
    return async () => (await readThroughDial(() => deps.driver.dial(subject.ref, ack.port), ack.path)).trim().replaceAll('"', '') === filesHash;
  const claw = await controlOf(deps, subject);
  return async () => {
    const applied = await claw.appliedConfig();
    // A claw that refuses its file does not say which file it was, and the one before may have been the bad one: asked again, it knows better.
    if (!applied.valid)
      throw new Failure(
        'CONFIG_NOT_APPLIED',
        `The claw refuses its configuration: ${applied.issues
          .map(({ path, message }) => `${path}: ${message}`)
          .join('; ')
          .slice(0, 1_000)}`,
      );
    return runsFiles(applied, filesHash);
  };
}

async function controlOf(deps: InstanceDeps, { ref }: Subject): Promise<ClawControl> {
  const token = controlTokenOf(await deps.driver.secrets(ref));
  if (!token) throw new Failure('INTERNAL', 'The control token of the claw is not at hand.');
  return createClawControl({ token, connect: () => deps.driver.dial(ref, CONTROL_PORT) });
}

/**
 * Gives the claw its newest model key: over its control surface, or by having started it with the key in its environment. The
 * sealed copy stays until the probe has used it.
 */
export async function deliverModelKey(deps: InstanceDeps, { tenantId, instanceId }: StepInput): Promise<StepOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const key = await deps.database.withTenantSql(tenantId, (sql) => currentKey(sql, instanceId));
  if (key === null || key.state === 'delivered') return { skipped: true };
  if (subject.adapter.modelKeyDelivery === 'dial') {
    const value = await openKey(deps.secrets, key);
    if (value === null) throw new Failure('INTERNAL', 'The model key of the instance is not at hand.');
    await (await controlOf(deps, subject)).setSecret(MODEL_KEY_SECRET, value);
  }
  await deps.database.withTenantSql(tenantId, (sql) => markDelivered(sql, key.id));
  return { skipped: false };
}
