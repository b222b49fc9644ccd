import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { type Accepted, finishEach, type WaitOptions } from '../lib/accepted.ts';
import { checkTargets, runBulk, type SelectOptions } from '../lib/bulk.ts';
import { openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { confirm } from '../lib/prompt.ts';
import { findInstance } from '../lib/resolve.ts';
import { countText } from '../views/affected.ts';

/** Operations that need nothing but the instance. */
export type Verb = 'start' | 'stop' | 'restart' | 'kill' | 'rotate-key';

const QUESTIONS: Readonly<Record<Verb, string>> = {
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart',
  kill: 'What they are doing now is lost; their data stays. Kill',
  'rotate-key': 'Give a new model key to',
};

/** Asks the platform for one of the simple operations. */
async function command({ api }: Session, verb: Verb, id: string): Promise<Accepted> {
  const params = { params: { path: { id } } };
  switch (verb) {
    case 'start':
      return take(api.POST('/instances/{id}/start', params));
    case 'stop':
      return take(api.POST('/instances/{id}/stop', params));
    case 'restart':
      return take(api.POST('/instances/{id}/restart', params));
    case 'kill':
      return take(api.POST('/instances/{id}/kill', params));
    case 'rotate-key':
      return take(api.POST('/instances/{id}/rotate-key', params));
  }
}

/** `claw start|stop|restart|rotate-key NAME…`, or of all that a label selector finds. */
export async function lifecycle(verb: Verb, context: Context, words: readonly string[], options: WaitOptions & SelectOptions): Promise<void> {
  const { io } = context;
  checkTargets(verb, words, options);
  const session = await openSession(context);
  if (options.labels === undefined)
    return finishEach(io, session, words, async (word) => command(session, verb, (await findInstance(session, word)).id), options);
  const agree = (instances: readonly InstanceView[]) => confirm(io, `${QUESTIONS[verb]} ${countText(instances.length)}?`, '--yes');
  await runBulk(io, session, { verb, selector: options.labels, action: { kind: verb }, agree }, options);
}
