import { expect, test } from 'vitest';
import { FLEET_EVENT_TYPES, FLEET_EVENTS, type FleetEventData, type FleetEventType, type FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { sentenceOf } from './event-sentence.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const failure = { code: 'IMAGE_PULL_FAILED', message: 'The package could not be installed.' } as const;

/** Data of every type; a type without it does not compile. */
const SAMPLES: { readonly [T in FleetEventType]: FleetEventData[T] } = {
  'instance.crashed': { exitCode: 137, signal: null, restarts: 3 },
  'instance.out-of-memory': { restarts: 1 },
  'instance.unresponsive': { restarts: 1 },
  'instance.blocked': { code: 'PORT_IN_USE', message: 'Port 20000 is taken.' },
  'instance.degraded': {},
  'instance.running': {},
  'instance.circuit-opened': { crashes: 5, minutes: 15 },
  'instance.config-applied': { generation: 4 },
  'instance.drifted': {},
  'operation.accepted': { kind: 'restart' },
  'operation.retrying': { kind: 'create', step: 'prepare-runtime', ...failure },
  'operation.succeeded': { kind: 'create', seconds: 12, retention: null },
  'operation.failed': { kind: 'create', ...failure },
  'operation.cancelled': { kind: 'start' },
  'provider.added': {},
  'provider.removed': {},
  'provider.verified': {},
  'provider.refused': { code: 'PROVIDER_CREDENTIAL_INVALID', message: 'The provider refused the credential.' },
  'host.connected': { bridgeVersion: '0.1.0' },
  'host.disconnected': {},
  'api-key.created': {},
  'api-key.revoked': {},
  'person.signed-in': {},
  'member.joined': { role: 'operator' },
  'member.role-changed': { role: 'admin', before: 'operator' },
  'member.removed': {},
  'member.left': {},
  'rollout.created': { targets: 40 },
  'rollout.awaiting-approval': {},
  'rollout.paused': { message: '1 of 40 instances failed.' },
  'rollout.rolling-back': { message: '1 of 40 instances failed.' },
  'rollout.succeeded': { targets: 40 },
  'rollout.rolled-back': {},
  'rollout.aborted': { message: 'Somebody did not agree.' },
  'rollout.failed': { message: '1 instance could not be rolled back.' },
  'invitation.sent': { role: 'viewer' },
  'invitation.revoked': {},
};

function event<T extends FleetEventType>(type: T, change: Partial<Omit<FleetEventView, 'type' | 'data'>> & { readonly data?: FleetEventData[T] } = {}) {
  const sample = {
    id: 'evt_1',
    type,
    severity: FLEET_EVENTS[type],
    subject: { kind: 'instance', id: 'ins_1', name: 'sales-bot' },
    actor: { kind: 'person', id: 'usr_1', name: 'Ada' },
    instanceId: 'ins_1',
    hostId: null,
    operationId: null,
    requestId: null,
    count: 1,
    firstAt: '2026-11-21T09:00:00.000Z',
    lastAt: '2026-11-21T11:00:00.000Z',
    data: SAMPLES[type],
  };
  return { ...sample, ...change } as unknown as Omit<FleetEventView, 'message'>;
}

const say = (given: Omit<FleetEventView, 'message'>) => sentenceOf(given, NOW);

test('every type of event has a sentence that names what it is about', () => {
  expect(FLEET_EVENT_TYPES.map((type) => say(event(type)))).toMatchInlineSnapshot(`
    [
      "sales-bot crashed (exit code 137) and was started again.",
      "sales-bot used more memory than it may, was ended and started again.",
      "sales-bot did not answer its health check and was started again.",
      "sales-bot cannot run on its host: Port 20000 is taken.",
      "sales-bot runs but does not answer.",
      "sales-bot is running and ready.",
      "sales-bot went down 5 times within 15 minutes and was stopped; it stays so until somebody starts it.",
      "sales-bot took its new settings without a restart.",
      "Files of sales-bot were changed by hand; its settings are put back.",
      "Ada asked to restart sales-bot.",
      "Creating sales-bot waits for another try at prepare-runtime: The package could not be installed.",
      "sales-bot was created in 12 s.",
      "Creating sales-bot failed: The package could not be installed.",
      "Starting sales-bot was cancelled.",
      "Ada added the provider sales-bot.",
      "Ada removed the provider sales-bot.",
      "The provider sales-bot answered a test call.",
      "The provider sales-bot failed its test call: The provider refused the credential.",
      "The host sales-bot is connected.",
      "The host sales-bot lost its connection; its claws run on, but nothing can be changed on it.",
      "Ada made the API key sales-bot.",
      "Ada revoked the API key sales-bot.",
      "sales-bot signed in.",
      "sales-bot joined as operator.",
      "Ada changed the role of sales-bot from operator to admin.",
      "Ada removed sales-bot from the tenant.",
      "sales-bot left the tenant.",
      "Ada began the rollout sales-bot to 40 instances.",
      "The rollout sales-bot waits for approval.",
      "The rollout sales-bot stands still: 1 of 40 instances failed.",
      "The rollout sales-bot is being rolled back: 1 of 40 instances failed.",
      "The rollout sales-bot reached 40 instances.",
      "The rollout sales-bot was rolled back; every instance is what it was.",
      "The rollout sales-bot was aborted: Somebody did not agree.",
      "The rollout sales-bot failed: 1 instance could not be rolled back.",
      "Ada invited sales-bot as viewer.",
      "Ada revoked the invitation of sales-bot.",
    ]
  `);
});

test('operations of every kind read as English', () => {
  const kinds = Object.values(OperationKind);
  expect(kinds.map((kind) => say(event('operation.accepted', { data: { kind } })))).toMatchInlineSnapshot(`
    [
      "Ada asked to create sales-bot.",
      "Ada asked to start sales-bot.",
      "Ada asked to stop sales-bot.",
      "Ada asked to restart sales-bot.",
      "Ada asked to kill sales-bot.",
      "Ada asked to change sales-bot.",
      "Ada asked to give a new model key to sales-bot.",
      "Ada asked to try again to create sales-bot.",
      "Ada asked to destroy sales-bot.",
    ]
  `);
  expect(kinds.map((kind) => say(event('operation.succeeded', { data: { kind, seconds: 2, retention: null } })))).toMatchInlineSnapshot(`
    [
      "sales-bot was created in 2 s.",
      "sales-bot was started in 2 s.",
      "sales-bot was stopped in 2 s.",
      "sales-bot was restarted in 2 s.",
      "sales-bot was killed in 2 s.",
      "sales-bot was changed in 2 s.",
      "sales-bot was given a new model key in 2 s.",
      "sales-bot was created after all in 2 s.",
      "sales-bot was destroyed in 2 s; its data is kept.",
    ]
  `);
});

test('an event that happened several times says the how manieth time it is', () => {
  const times = (count: number) => say(event('instance.crashed', { count }));
  expect(times(3)).toBe('sales-bot crashed (exit code 137) and was started again; 3rd time today.');
  expect([2, 4, 11, 21].map((count) => /; (.*)\./.exec(times(count))?.[1])).toEqual(['2nd time today', '4th time today', '11th time today', '21st time today']);
  expect(say(event('instance.crashed', { count: 3, lastAt: '2026-11-20T11:00:00.000Z' }))).toMatch(/; 3 times that day\.$/);
});

test('how a process ended is its signal, its exit code, or that nobody knows', () => {
  expect(say(event('instance.crashed', { data: { exitCode: null, signal: 'SIGKILL', restarts: 0 } }))).toContain('(ended by SIGKILL)');
  expect(say(event('instance.crashed', { data: { exitCode: null, signal: null, restarts: 0 } }))).toContain('(no exit code)');
});

test('whoever did it is named: a person, a key, somebody who is gone, the platform', () => {
  const by = (actor: FleetEventView['actor']) => say(event('operation.accepted', { actor }));
  expect(by({ kind: 'key', id: 'key_1', name: 'ci' })).toBe('The API key ci asked to restart sales-bot.');
  expect(by({ kind: 'person', id: 'usr_1', name: null })).toBe('Somebody asked to restart sales-bot.');
  expect(by({ kind: 'platform', id: null, name: null })).toBe('The platform asked to restart sales-bot.');
});

test('a destroy says what became of the data', () => {
  const destroyed = (retention: 'retain' | 'wipe') => say(event('operation.succeeded', { data: { kind: 'destroy', seconds: 1, retention } }));
  expect(destroyed('retain')).toBe('sales-bot was destroyed in 1 s; its data is kept.');
  expect(destroyed('wipe')).toBe('sales-bot was destroyed in 1 s; its data is deleted.');
});
