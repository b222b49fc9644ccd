import { finishAccepted, type WaitOptions } from '../lib/accepted.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { printOne } from '../lib/output.ts';

interface MyOptions extends WaitOptions {
  readonly create?: boolean;
}

/** `claw my`: one's own claw, how it is and why it is not ready; `--create` makes it where there is none. */
export async function my(context: Context, _args: readonly string[], options: MyOptions): Promise<void> {
  const session = await openSession(context);
  if (options.create) {
    const answer = await take(session.api.POST('/my-claw', { body: {} }));
    if ('operation' in answer) return finishAccepted(context.io, session, answer, options);
  }
  const { instance, notReady, ...mine } = await take(session.api.GET('/my-claw'));
  const why = notReady ? `${notReady.message}${notReady.nextStep ? ` ${notReady.nextStep}` : ''}\n` : '';
  const page = instance?.status.endpoints.page;
  const text = instance
    ? `${instance.name} is ${instance.status.phase}.\n${why}${page ? `Its page: ${session.target.url}${page}\n` : ''}`
    : `You have no claw of your own yet.\n${why}${mine.entitled ? 'Make one: claw my --create\n' : ''}`;
  await printOne(context.io, options.output, { ...mine, instance, notReady }, instance?.name ?? '', text);
}
