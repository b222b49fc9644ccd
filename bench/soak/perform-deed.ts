import { setTimeout as sleep } from 'node:timers/promises';
import { chat } from '../../deploy/local/testing/fleet.ts';
import { askForOperation, askOnce } from './ask.ts';
import type { Deed, Manner, SeenClaw } from './choose-deed.ts';
import type { Random } from './random.ts';
import { tally, type World } from './world.ts';

const CHAT_SECONDS = 60;

const MANNERS: Readonly<Record<Manner, Readonly<Record<string, unknown>>>> = {
  well: {},
  slow: { startDelayMs: 3_000 },
  crashes: { crashAfterMs: 20 },
  'never-ready': { failReady: true },
};

/** Does it against the real API. Never rejects because the platform is away. */
export async function performDeed(world: World, random: Random, deed: Deed, claws: readonly SeenClaw[]): Promise<void> {
  tally(world, deed.do, deed as unknown as Readonly<Record<string, unknown>>);
  switch (deed.do) {
    case 'create':
      return createLight(world, random, deed.manner);
    case 'update':
      await askForOperation(world, { what: `update ${deed.what}`, method: 'PUT', path: `/instances/${deed.claw}`, body: changeOf(random, deed, claws) });
      return;
    case 'destroy':
      await askForOperation(world, { what: deed.do, method: 'DELETE', path: `/instances/${deed.claw}?retention=${deed.retention}` });
      return;
    case 'retry-now':
    case 'give-up':
    case 'cancel': {
      const status = await askOnce(world, { what: deed.do, method: 'POST', path: `/operations/${deed.operation}/${deed.do}` });
      world.journal.note('control answered', { operation: deed.operation, control: deed.do, status });
      return;
    }
    case 'chat':
      return talk(world, deed.claw);
    default:
      await askForOperation(world, {
        what: deed.do,
        method: 'POST',
        path: `/instances/${deed.claw}/${deed.do}`,
        ...(deed.do === 'retry' ? { body: {} } : {}),
        twice: deed.twice,
      });
  }
}

async function createLight(world: World, random: Random, manner: Manner): Promise<void> {
  const name = `light-${(world.counts.get('create') ?? 0).toString().padStart(4, '0')}`;
  const overrides = Object.entries({ greeting: `${name}: `, ...MANNERS[manner] }).map(([key, value]) => ({ key, value }));
  const body = { name, type: 'echo', labels: { manner }, resources: { cpu: '100m', memory: '128Mi' }, config: { overrides } };
  const { instanceId } = await askForOperation(world, { what: 'create', method: 'POST', path: '/instances', body, twice: random.chance(0.1) });
  if (instanceId && (manner === 'crashes' || manner === 'never-ready')) world.hopeless.add(instanceId);
}

function changeOf(random: Random, { claw, what }: Extract<Deed, { do: 'update' }>, claws: readonly SeenClaw[]) {
  const isLight = claws.find(({ id }) => id === claw)?.type === 'echo';
  const turn = String(random.between(1, 1_000_000));
  if (what === 'labels') return { labels: { turn } };
  if (!isLight) return { labels: { turn }, config: { overrides: [{ key: 'model.name', value: 'demo' }] } };
  if (what === 'settings') return { config: { overrides: [{ key: 'greeting', value: `turn ${turn}: ` }] } };
  return { resources: { cpu: random.pick(['50m', '100m', '200m']) ?? '100m', memory: random.pick(['96Mi', '128Mi', '160Mi']) ?? '128Mi' } };
}

/** A message over the socket that people use. What must answer, and how, is judged at rest. */
async function talk(world: World, id: string): Promise<void> {
  const patience = new AbortController();
  const limit = sleep(CHAT_SECONDS * 1000, null, { signal: AbortSignal.any([patience.signal, world.signal]) }).catch(() => null);
  const answer = await Promise.race([chat(world.fleet, id, 'How are you?').catch((error: Error) => ({ text: '', error: { code: error.message } })), limit]);
  patience.abort();
  world.journal.note('chat answered', { claw: id, answer: answer === null ? 'nothing in time' : (answer.error?.code ?? 'text') });
}
