import type { FleetEventData, FleetEventType, FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';

/** What a sentence is made of besides the data of its type. */
export interface SentenceContext {
  /** Name of what it is about. */
  readonly name: string;
  /** Name of who did it. */
  readonly actor: string;
}

/** `asked to restart sales-bot`, `sales-bot was restarted`, `restarting sales-bot failed`. */
const KIND_WORDS: Readonly<Record<OperationKind, { readonly ask: string; readonly done: string; readonly doing: string }>> = {
  create: { ask: 'create', done: 'created', doing: 'Creating' },
  start: { ask: 'start', done: 'started', doing: 'Starting' },
  stop: { ask: 'stop', done: 'stopped', doing: 'Stopping' },
  restart: { ask: 'restart', done: 'restarted', doing: 'Restarting' },
  kill: { ask: 'kill', done: 'killed', doing: 'Killing' },
  update: { ask: 'change', done: 'changed', doing: 'Changing' },
  'rotate-key': { ask: 'give a new model key to', done: 'given a new model key', doing: 'Giving a new model key to' },
  retry: { ask: 'try again to create', done: 'created after all', doing: 'Trying again to create' },
  destroy: { ask: 'destroy', done: 'destroyed', doing: 'Destroying' },
};

const KEPT = { retain: '; its data is kept', wipe: '; its data is deleted' } as const;

type Templates = { readonly [T in FleetEventType]: (context: SentenceContext, data: FleetEventData[T]) => string };

/** One sentence by type, without its full stop. */
const TEMPLATES: Templates = {
  'instance.crashed': ({ name }, { exitCode, signal }) =>
    `${name} crashed (${signal ? `ended by ${signal}` : exitCode === null ? 'no exit code' : `exit code ${exitCode}`}) and was started again`,
  'instance.out-of-memory': ({ name }) => `${name} used more memory than it may, was ended and started again`,
  'instance.unresponsive': ({ name }) => `${name} did not answer its health check and was started again`,
  'instance.blocked': ({ name }, { code, message }) => `${name} cannot run on its host: ${clause(message, code)}`,
  'instance.degraded': ({ name }) => `${name} runs but does not answer`,
  'instance.running': ({ name }) => `${name} is running and ready`,
  'instance.circuit-opened': ({ name }, { crashes, minutes }) =>
    `${name} went down ${crashes} times within ${minutes} minutes and was stopped; it stays so until somebody starts it`,
  'instance.config-applied': ({ name }) => `${name} took its new settings without a restart`,
  'instance.drifted': ({ name }) => `Files of ${name} were changed by hand; its settings are put back`,
  'operation.accepted': ({ name, actor }, { kind }) => `${actor} asked to ${KIND_WORDS[kind].ask} ${name}`,
  'operation.retrying': ({ name }, { kind, step, code, message }) =>
    `${KIND_WORDS[kind].doing} ${name} waits for another try at ${step}: ${clause(message, code)}`,
  'operation.succeeded': ({ name }, { kind, seconds, retention }) =>
    `${name} was ${KIND_WORDS[kind].done} in ${seconds} s${kind === 'destroy' ? KEPT[retention ?? 'retain'] : ''}`,
  'operation.failed': ({ name }, { kind, code, message }) => `${KIND_WORDS[kind].doing} ${name} failed: ${clause(message, code)}`,
  'operation.cancelled': ({ name }, { kind }) => `${KIND_WORDS[kind].doing} ${name} was cancelled`,
  'provider.added': ({ name, actor }) => `${actor} added the provider ${name}`,
  'provider.removed': ({ name, actor }) => `${actor} removed the provider ${name}`,
  'provider.verified': ({ name }) => `The provider ${name} answered a test call`,
  'provider.refused': ({ name }, { code, message }) => `The provider ${name} failed its test call: ${clause(message, code)}`,
  'host.connected': ({ name }) => `The host ${name} is connected`,
  'host.disconnected': ({ name }) => `The host ${name} lost its connection; its claws run on, but nothing can be changed on it`,
  'api-key.created': ({ name, actor }) => `${actor} made the API key ${name}`,
  'api-key.revoked': ({ name, actor }) => `${actor} revoked the API key ${name}`,
  'person.signed-in': ({ name }) => `${name} signed in`,
  'member.joined': ({ name }, { role }) => `${name} joined as ${role}`,
  'member.role-changed': ({ name, actor }, { role, before }) => `${actor} changed the role of ${name} from ${before} to ${role}`,
  'member.removed': ({ name, actor }) => `${actor} removed ${name} from the tenant`,
  'member.left': ({ name }) => `${name} left the tenant`,
  'rollout.created': ({ name, actor }, { targets }) => `${actor} began the rollout ${name} to ${targets} ${targets === 1 ? 'instance' : 'instances'}`,
  'rollout.awaiting-approval': ({ name }) => `The rollout ${name} waits for approval`,
  'rollout.paused': ({ name }, { message }) => `The rollout ${name} stands still: ${clause(message, 'somebody paused it')}`,
  'rollout.rolling-back': ({ name }, { message }) => `The rollout ${name} is being rolled back: ${clause(message, 'somebody asked for it')}`,
  'rollout.succeeded': ({ name }, { targets }) => `The rollout ${name} reached ${targets} ${targets === 1 ? 'instance' : 'instances'}`,
  'rollout.rolled-back': ({ name }) => `The rollout ${name} was rolled back; every instance is what it was`,
  'rollout.aborted': ({ name }, { message }) => `The rollout ${name} was aborted: ${clause(message, 'somebody asked for it')}`,
  'rollout.failed': ({ name }, { message }) => `The rollout ${name} failed: ${clause(message, 'it could not be rolled back')}`,
  'invitation.sent': ({ name, actor }, { role }) => `${actor} invited ${name} as ${role}`,
  'invitation.revoked': ({ name, actor }) => `${actor} revoked the invitation of ${name}`,
};

/** The end of a sentence that another sentence makes: without its full stop, the code when it says nothing. */
function clause(message: string, code: string): string {
  return message.trim().replace(/\.$/, '') || code;
}

const ORDINAL_ENDINGS: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });

/** `; 3rd time today` of an event that counts several; what is over is told without a place in the row. */
function repetition(count: number, lastAt: string, now: Date): string {
  if (count < 2) return '';
  const today = lastAt.slice(0, 10) === now.toISOString().slice(0, 10);
  return today ? `; ${count}${ORDINAL_ENDINGS[ORDINALS.select(count)]} time today` : `; ${count} times that day`;
}

/** The event as a plain sentence in English. */
export function sentenceOf(event: Omit<FleetEventView, 'message'>, now: Date): string {
  const template = TEMPLATES[event.type] as (context: SentenceContext, data: unknown) => string;
  const actor = event.actor.name ?? (event.actor.kind === 'platform' ? 'The platform' : 'Somebody');
  const context = { name: event.subject.name, actor: event.actor.kind === 'key' && event.actor.name ? `The API key ${actor}` : actor };
  return `${template(context, event.data)}${repetition(event.count, event.lastAt, now)}.`;
}
