import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { unifiedConfig } from '../../activities/adapters/config/resolve.ts';
import { controlTokenOf } from '../../activities/adapters/openclaw/fleet-config.ts';
import type { RuntimeDriver, WorkloadRef } from '../../activities/runtime/driver.ts';
import { layersOf } from '../../prisma/config-layers.ts';
import type { ConfigLayer } from '../../workflows/contracts/config.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';

/** An instance as far as its streams need it. */
export interface Claw {
  readonly ref: WorkloadRef;
  readonly phase: Phase;
  readonly spec: InstanceSpec;
  readonly layers: readonly ConfigLayer[];
}

/** Throws NOT_FOUND when the tenant as which `sql` runs has no such instance. */
export async function findClaw(sql: pg.ClientBase, instanceId: string): Promise<Claw> {
  const { rows } = await sql.query<{ tenant_id: string; host_id: string; phase: Phase; spec: InstanceSpec }>(
    'SELECT tenant_id, host_id, phase, spec FROM instance WHERE id = $1',
    [instanceId],
  );
  const [row] = rows;
  if (!row) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return { ref: { tenantId: row.tenant_id, hostId: row.host_id, instanceId }, phase: row.phase, spec: row.spec, layers: await layersOf(sql, row.spec.config) };
}

/** Where a claw answers chats. */
export interface ChatEndpoint {
  readonly port: string;
  readonly path: string;
  readonly model: string;
  /** Token of its control surface, if it wants one. */
  readonly token: string | null;
  /** The claw keeps conversations itself; else the whole conversation is sent each time. */
  readonly remembers: boolean;
}

/** Throws GATEWAY_UNAVAILABLE, with what to do, when the claw cannot chat now. */
export async function chatEndpoint(driver: RuntimeDriver, adapter: ClawAdapter, { ref, phase, spec, layers }: Claw): Promise<ChatEndpoint> {
  if (!adapter.chat) throw new Failure('GATEWAY_UNAVAILABLE', `Claws of the type ${adapter.type} have no chat.`, { nextStep: 'Choose a claw that has one.' });
  if (phase !== Phase.running) {
    const nextStep = phase === Phase.stopped || phase === Phase.failed ? 'Start it.' : 'Wait until it is ready.';
    throw new Failure('GATEWAY_UNAVAILABLE', `The claw is ${phase}.`, { nextStep });
  }
  return { ...adapter.chat, token: await controlToken(driver, adapter, { ref, spec, layers }), remembers: adapter.control === 'openclaw' };
}

async function controlToken(driver: RuntimeDriver, adapter: ClawAdapter, { ref, spec, layers }: Omit<Claw, 'phase'>): Promise<string | null> {
  if (adapter.control === 'openclaw') return controlTokenOf(await driver.secrets(ref)) ?? null;
  const name = controlTokenName(adapter, spec, layers);
  return name === null ? null : ((await driver.secrets(ref)).find((secret) => secret.name === name)?.value ?? null);
}

/** Which environment variable of the claw holds its control token; what is rendered for it says so, whatever the facts. */
function controlTokenName(adapter: ClawAdapter, spec: InstanceSpec, layers: readonly ConfigLayer[]): string | null {
  const rendered = adapter.render(spec.version, unifiedConfig(adapter, spec.version, spec.config, layers), {
    instance: { id: '', name: '', slug: '' },
    ports: Object.fromEntries(adapter.portNames.map((name, index) => [name, index + 1])),
    modelGatewayUrl: 'http://127.0.0.1/v1',
    models: [],
    memoryBytes: 2 ** 30,
  });
  return Object.entries(rendered.secretEnv).find(([, secret]) => secret === 'controlToken')?.[0] ?? null;
}
