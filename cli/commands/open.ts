import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { openSession } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { openInBrowser } from '../lib/opener.ts';
import { findInstance } from '../lib/resolve.ts';

interface OpenOptions {
  readonly page?: boolean;
  readonly logs?: boolean;
  readonly chat?: boolean;
  readonly operations?: boolean;
}

const TABS = ['logs', 'chat', 'operations'] as const;

/** `claw open [NAME]`: prints the address of a page of the portal, and shows it where there is a desktop. */
export async function open(context: Context, [word]: readonly string[], options: OpenOptions): Promise<void> {
  const { io } = context;
  const tab = TABS.find((name) => options[name]);
  if (word === undefined && tab && tab !== 'operations') throw usageError(`--${tab} is a page of an instance.`, `claw open NAME --${tab}`);
  if (options.page && word === undefined) throw usageError('--page is a page of an instance.', 'claw open NAME --page');
  const session = await openSession(context);
  const instance = word === undefined ? null : await findInstance(session, word);
  const base = instance === null ? '' : `/instances/${instance.id}`;
  const path = options.page ? pageOf(instance) : `${base}/${tab ?? ''}`.replace(/(?<=\/instances\/[^/]+)\/$/, '');
  const url = `${session.target.url}${path}`;
  io.stdout.write(`${url}\n`);
  await openInBrowser(io, url);
}

/** Where the portal opens the claw's own page. */
function pageOf(instance: InstanceView | null): string {
  const path = instance?.status.endpoints.page;
  if (path) return path;
  throw new CliError(ExitCode.notFound, `${instance?.name} has no page of its own.`, { nextStep: 'Talk to it instead: claw chat NAME' });
}
