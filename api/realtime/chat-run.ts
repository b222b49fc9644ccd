import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import type { RuntimeDriver } from '../../activities/runtime/driver.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure, failureView, isFailure } from '../../workflows/contracts/failures.ts';
import type { Actor } from '../http/request-context.ts';
import type { ChatSession } from './chat-session.ts';
import { chatEndpoint, findClaw } from './claw.ts';
import { askClaw, type ChatUsage } from './claw-chat.ts';
import { modelCallsSince } from './model-calls.ts';
import { limitTime } from './time-limit.ts';

export interface ChatDeps {
  readonly database: Database;
  readonly driver: RuntimeDriver;
  /** The adapter of a claw type of the tenant. */
  readonly adapterOf: (tenantId: string, type: string) => Promise<ClawAdapter>;
  /** Waits until the model calls of a claw have been counted, so that a look at them misses none. */
  readonly callsSettled: (instanceId: string, timeoutMs: number) => Promise<void>;
  readonly logger: Logger;
}

export interface ChatTurn {
  readonly actor: Actor;
  readonly instanceId: string;
  readonly text: string;
}

const RUN_MAX_MS = 15 * 60_000;
/** While a claw is silent its model calls are looked at: claws try again for minutes before they say that a model is down. */
const SILENCE_LOOK_MS = 2000;
const FAILURES_UNTIL_TOLD = 2;
/**
 * The usage of a call is written just after its answer, which the model service ends seconds late when it is new or busy; another chat of
 * the same claw may go on for long.
 */
const USAGE_GRACE_MS = 10_000;
/** More than a session keeps of one answer anyway. */
const REMEMBERED_CHARACTERS = 64 * 1024;

/** Sends one message and writes the answer into the session, ending with `done`; before it an `error` when it failed. */
export async function runTurn(deps: ChatDeps, session: ChatSession, turn: ChatTurn): Promise<void> {
  const controller = new AbortController();
  session.running = controller;
  const since = new Date();
  const limit = limitTime(RUN_MAX_MS, controller.signal);
  let usage: ChatUsage | undefined;
  try {
    usage = await answer(deps, session, turn, since, limit.signal);
    const calls = await callsAfter(deps, turn, since);
    if (calls.trouble && !controller.signal.aborted) session.emit({ type: 'error', error: failureView(calls.trouble) });
    session.emit({
      type: 'done',
      ...(calls.model ? { model: calls.model } : {}),
      ...(usage ? { usage } : {}),
      ...(controller.signal.aborted ? { stopped: true as const } : {}),
    });
  } catch (error) {
    const failure = await betterFailure(deps, turn, since, error);
    if (failure.code === 'INTERNAL') deps.logger.error({ err: error, instanceId: turn.instanceId }, 'a chat failed unexpectedly');
    session.emit({ type: 'error', error: failureView(failure) });
    session.emit({ type: 'done' });
  } finally {
    limit.end();
    session.running = null;
  }
}

async function answer(
  deps: ChatDeps,
  session: ChatSession,
  { actor, instanceId, text }: ChatTurn,
  since: Date,
  signal: AbortSignal,
): Promise<ChatUsage | undefined> {
  const claw = await deps.database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, instanceId));
  const endpoint = await chatEndpoint(deps.driver, await deps.adapterOf(actor.tenantId, claw.spec.type), claw);
  const message = { role: 'user', content: text } as const;
  const messages = endpoint.remembers ? [message] : [...session.history, message];
  const watch = watchModelCalls(deps, actor.tenantId, instanceId, since);
  const chat = {
    endpoint,
    messages,
    conversation: `${actor.userId}:${session.name}`,
    connect: () => deps.driver.dial(claw.ref, endpoint.port),
    signal: AbortSignal.any([signal, watch.signal]),
  };
  let usage: ChatUsage | undefined;
  let said = '';
  try {
    for await (const event of askClaw(chat)) {
      watch.stop();
      if (event.type === 'usage') usage = event.usage;
      else session.emit(event);
      if (event.type === 'delta' && said.length < REMEMBERED_CHARACTERS) said += event.text;
    }
  } finally {
    watch.stop();
  }
  if (watch.trouble) throw watch.trouble;
  session.remember(message);
  session.remember({ role: 'assistant', content: said });
  return usage;
}

/** Gives up on a silent claw once its model calls have failed for good, or again and again. */
function watchModelCalls(deps: ChatDeps, tenantId: string, instanceId: string, since: Date) {
  const controller = new AbortController();
  const watch: { readonly signal: AbortSignal; trouble: Failure | null; stop: () => void } = {
    signal: controller.signal,
    trouble: null,
    stop: () => clearInterval(timer),
  };
  const timer = setInterval(async () => {
    const calls = await modelCallsSince(deps.database, tenantId, instanceId, since).catch(() => null);
    if (!calls?.trouble || controller.signal.aborted) return;
    if (calls.trouble.retryable && calls.failures < FAILURES_UNTIL_TOLD) return;
    watch.trouble = calls.trouble;
    watch.stop();
    controller.abort();
  }, SILENCE_LOOK_MS);
  return watch;
}

async function callsAfter(deps: ChatDeps, { actor, instanceId }: ChatTurn, since: Date) {
  await deps.callsSettled(instanceId, USAGE_GRACE_MS);
  return modelCallsSince(deps.database, actor.tenantId, instanceId, since);
}

/** What went wrong with the model says more than what the claw says of it. */
async function betterFailure(deps: ChatDeps, turn: ChatTurn, since: Date, error: unknown): Promise<Failure> {
  const own = isFailure(error) ? error : new Failure('INTERNAL');
  if (own.code !== 'GATEWAY_UNAVAILABLE') return own;
  const calls = await callsAfter(deps, turn, since).catch(() => null);
  return calls?.trouble ?? own;
}
