import { Failure, isFailureCode } from '../../workflows/contracts/failures.ts';
import type { SecretValue, Workload } from '../../workflows/contracts/workload.ts';
import type { ClawSecret, Rendered } from '../adapters/adapter.ts';
import { newSecret } from '../platform/ids.ts';
import type { AppliedOutcome, StepInput, StepOutcome } from './contract.ts';
import { currentKey, isUsable, mintKey, openKey } from './model-keys.ts';
import type { InstanceDeps } from './ports.ts';
import { openStored, storedName } from './stored-secrets.ts';
import { loadSubject, renderSubject, type Subject } from './subject.ts';

const CHECK_SECONDS = 60;
const PASSED_MAX = 10_000;

/** Remembers which checks passed, as long as the process lives; when full it forgets and they are made again. */
export class PassedChecks {
  readonly #keys = new Set<string>();

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    if (this.#keys.size >= PASSED_MAX) this.#keys.clear();
    this.#keys.add(key);
  }
}

/** Holds the slot of the instance on its host, again where it was given back. Throws UNSCHEDULABLE. */
export async function reserveSlot(deps: InstanceDeps, { tenantId, instanceId }: StepInput): Promise<StepOutcome> {
  const { ref, resources } = await loadSubject(deps, tenantId, instanceId);
  try {
    await deps.database.withTenantSql(tenantId, (sql) =>
      sql.query('SELECT reserve_host_slot($1, $2, $3, $4, $5)', [ref.hostId, instanceId, tenantId, resources.cpuMillis, resources.memoryBytes]),
    );
  } catch (error) {
    const code = (error as { code?: string }).code;
    // 53000 and 55000 are how the function says that there is no room, or no host that has introduced itself.
    if (code === '53000' || code === '55000') throw new Failure('UNSCHEDULABLE', `The host cannot take the claw: ${(error as Error).message}.`);
    throw error;
  }
  return { skipped: false };
}

/** Mints a model key unless the instance has one that it can be given or has. `rotate` mints in any case, once per generation. */
export async function issueModelKey(
  deps: InstanceDeps,
  { tenantId, instanceId, generation, rotate }: StepInput & { readonly rotate: boolean },
): Promise<StepOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const held = await deps.driver.secrets(subject.ref);
  return deps.database.withTenantSql(tenantId, async (sql) => {
    const key = await currentKey(sql, instanceId);
    if (key !== null && isUsable(key, subject.adapter.modelKeyDelivery, held) && !(rotate && key.generation < generation))
      return { skipped: key.generation !== generation };
    await mintKey(sql, deps.secrets, { tenantId, projectId: subject.projectId, instanceId, generation });
    return { skipped: false };
  });
}

/** Installs the version on the host, once for all its claws. Minutes; `signal` ends the wait. */
export async function prepareRuntime(deps: InstanceDeps, { tenantId, instanceId }: StepInput, signal?: AbortSignal): Promise<StepOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const { runtime } = renderSubject(deps, subject);
  await deps.driver.prepare(subject.ref.hostId, runtime, signal);
  return { skipped: false };
}

/**
 * Renders the configuration and lets the claw's own version check it, unless it runs with the very same files or the host has passed
 * files alike before (`passed`): starting a claw only to check takes seconds. Throws INVALID_CONFIG with every error found.
 */
export async function renderConfig(deps: InstanceDeps, passed: PassedChecks, { tenantId, instanceId }: StepInput): Promise<StepOutcome> {
  const subject = await loadSubject(deps, tenantId, instanceId);
  const rendered = renderSubject(deps, subject);
  const desired = await deps.driver.desired(subject.ref);
  if (desired?.filesHash === rendered.filesHash && desired.runtime.version === rendered.runtime.version) return { skipped: false };
  const check = subject.adapter.nativeCheck(subject.spec.version, rendered);
  const key = check && `${subject.ref.hostId} ${check.alike}`;
  if (check === null || key === null || passed.has(key)) return { skipped: false };
  const { command, env, files } = check;
  const answer = await deps.driver.exec(subject.ref.hostId, { runtime: rendered.runtime, command, env, files, timeoutSeconds: CHECK_SECONDS });
  if (!answer.ok) {
    const code = answer.error?.code ?? '';
    throw new Failure(isFailureCode(code) ? code : 'RUNTIME_UNREACHABLE', answer.error?.message);
  }
  const errors = check.read({ exitCode: answer.exitCode ?? 1, stdout: answer.stdout ?? '', stderr: answer.stderr ?? '' });
  if (errors.length > 0)
    throw new Failure(
      'INVALID_CONFIG',
      `The claw refuses its configuration: ${errors
        .map(({ path, message }) => `${path}: ${message}`)
        .join('; ')
        .slice(0, 1_000)}`,
      { errors },
    );
  passed.add(key);
  return { skipped: false };
}

/** Tells the runtime what should run. Secrets that the claw has are kept; a new model key takes the place of an older one. */
export async function applyWorkload(deps: InstanceDeps, input: StepInput & { readonly restart: boolean }): Promise<AppliedOutcome> {
  const subject = await loadSubject(deps, input.tenantId, input.instanceId);
  const rendered = renderSubject(deps, subject);
  const before = await deps.driver.desired(subject.ref);
  const workload: Workload = {
    instanceId: input.instanceId,
    tenantId: input.tenantId,
    slug: subject.slug,
    slot: subject.place?.slot ?? 0,
    generation: input.generation,
    desired: 'running',
    retention: 'retain',
    kill: false,
    runtime: rendered.runtime,
    command: rendered.command,
    env: rendered.env,
    secretEnv: await secretEnv(deps, subject, rendered.secretEnv),
    files: rendered.files,
    ports: subject.place?.ports ?? {},
    probes: rendered.probes,
    stop: rendered.stop,
    resources: subject.resources,
    processHash: rendered.processHash,
    restartGeneration: input.restart ? input.generation : (before?.restartGeneration ?? 0),
    filesHash: rendered.filesHash,
    reload: rendered.reload,
  };
  await deps.driver.apply(subject.ref.hostId, workload);
  return {
    skipped: false,
    graceSeconds: before?.stop.graceSeconds,
    version: subject.spec.version,
    configHash: rendered.filesHash,
    readyWithinSeconds: rendered.probes.ready.withinSeconds ?? null,
  };
}

async function secretEnv(deps: InstanceDeps, { ref }: Subject, wanted: Rendered['secretEnv']): Promise<readonly SecretValue[]> {
  const held = await deps.driver.secrets(ref);
  const heldValue = (name: string) => held.find((secret) => secret.name === name)?.value;
  const modelKey = async (name: string) => {
    const key = await deps.database.withTenantSql(ref.tenantId, (sql) => currentKey(sql, ref.instanceId));
    const opened = key && (await openKey(deps.secrets, key));
    const value = opened ?? heldValue(name);
    if (!key || !value?.startsWith(`${key.id}_`))
      throw new Failure('INTERNAL', 'The model key of the instance is not at hand.', { nextStep: 'Rotate the key of the instance, then start it.' });
    return value;
  };
  const take = async (name: string, kind: ClawSecret): Promise<string> => {
    if (kind === 'modelKey') return modelKey(name);
    const stored = storedName(kind);
    return stored === null ? (heldValue(name) ?? newSecret()) : openStored(deps, ref.tenantId, stored);
  };
  return Promise.all(Object.entries(wanted).map(async ([name, kind]) => ({ name, value: await take(name, kind) })));
}
