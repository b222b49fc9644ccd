import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printOne } from '../lib/output.ts';

/** `claw whoami`. */
export async function whoami(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const session = await openSession(context);
  const me = await take(session.api.GET('/me'));
  const profile = session.target.profile === null ? 'key from CLAW_API_KEY' : `profile "${session.target.profile}"`;
  await printOne(
    context.io,
    output,
    me,
    me.user.email,
    `${me.user.name} <${me.user.email}>, ${me.tenant.role} of ${me.tenant.name}${me.project ? `, project ${me.project.name}` : ''}\n${session.target.url} with ${profile}\n`,
  );
}
