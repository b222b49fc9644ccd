import { openSession, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { confirm } from '../lib/prompt.ts';
import { findHost } from '../lib/resolve.ts';

/** `claw host end-claw HOST CLAW`: ends a claw that the platform has never heard of. */
export async function endClaw(context: Context, [hostWord = '', clawWord = '']: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  const session = await openSession(context);
  const host = await findHost(session, hostWord);
  const claw = host.unknownClaws.find(({ instanceId, slug }) => instanceId === clawWord || slug === clawWord);
  if (!claw) {
    const known = host.unknownClaws.map(({ slug }) => slug).join(', ');
    throw new CliError(ExitCode.notFound, `${host.name} has no unknown claw "${clawWord}".`, {
      code: 'NOT_FOUND',
      nextStep: known ? `There is: ${known}` : 'Claws that the platform knows: claw get, claw destroy NAME',
    });
  }
  if (!yes && !(await confirm(context.io, `End ${claw.slug} on ${host.name}? Its data folder stays there.`, '--yes')))
    throw new CliError(ExitCode.failed, `${claw.slug} was left running.`);
  await takeNothing(session.api.DELETE('/hosts/{id}/unknown-claws/{instanceId}', { params: { path: { id: host.id, instanceId: claw.instanceId } } }));
  context.io.stdout.write(`${claw.slug} ends; its data folder stays on ${host.name}.\n`);
}
