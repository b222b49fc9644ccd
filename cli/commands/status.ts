import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, viewContext } from '../lib/output.ts';
import { formatStatus } from '../views/status.ts';

/** `claw status`: exit code 1 when a part of the platform is down, so that scripts can ask. */
export async function status(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const [health, overview, preflight] = await Promise.all([
    take(api.GET('/system/health')),
    take(api.GET('/metrics/overview')),
    take(api.GET('/system/preflight')),
  ]);
  const all = { health, overview, preflight };
  await printOne(context.io, output, all, health.status, formatStatus(all, viewContext(context.io)));
  if (health.status === 'down')
    throw new CliError(ExitCode.failed, 'A part of the platform is down.', {
      code: 'PLATFORM_DOWN',
      nextStep: 'See the parts above, and npm run status on its machine.',
    });
}
