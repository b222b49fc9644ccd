import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows, type View } from '../lib/output.ts';
import { askSecret, confirm } from '../lib/prompt.ts';
import { oneLine } from '../lib/text.ts';

type Schemas = components['schemas'];
type Connection = Schemas['SsoConnection'];
type Settings = Schemas['SsoSettings'];

interface SetOptions {
  readonly output: OutputFormat;
  readonly name?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly secretStdin?: boolean;
  readonly domain?: readonly string[];
  readonly scope?: readonly string[];
  readonly groupsClaim?: string;
  readonly group?: readonly string[];
  readonly defaultRole?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly enforce?: boolean;
  readonly relax?: boolean;
}

/** The word that takes a setting away. */
const NONE = 'none';

const CHECKS: View<Schemas['SsoCheck']> = {
  columns: [
    { title: 'CHECK', cell: ({ name }) => name },
    { title: 'STATE', cell: ({ state }, { paint }) => paint(state === 'failed' ? 'red' : state === 'passed' ? 'green' : 'dim', state) },
    { title: 'FOUND', cell: ({ message }) => oneLine(message) },
  ],
  name: ({ name }) => name,
  empty: 'Nothing was tried.',
};

function describe({ callbackUrl, entitled, connection }: Schemas['Sso']): string {
  const plan = entitled ? '' : 'The plan of the tenant does not include single sign-on.\n';
  if (!connection) return `${plan}There is no identity provider. Register ${callbackUrl} as a redirect URI there, then: claw sso set\n`;
  const { name, issuer, clientId, domains, groupsClaim, groupRoles, defaultRole, enabled, enforced, lastSignInAt, lastFailure } = connection;
  const groups = groupRoles.map(({ group, role }) => `${oneLine(group)}=${role}`).join(', ');
  const rows = [
    ['Provider', `${oneLine(name)} (${enabled ? (enforced ? 'on, the only way for everybody but owners' : 'on') : 'off'})`],
    ['Issuer', issuer],
    ['Client', oneLine(clientId)],
    ['Callback', callbackUrl],
    ['Domains', domains.join(', ')],
    ['Groups', groupsClaim === null || groups === '' ? '-' : `${groups} (claim ${oneLine(groupsClaim)})`],
    ['Otherwise', defaultRole ?? 'nobody comes in'],
    ['Last used', lastSignInAt ?? '-'],
    ...(lastFailure ? [['Last failure', `${lastFailure.at}: ${oneLine(lastFailure.message)}`]] : []),
  ];
  return plan + rows.map(([title = '', text = '']) => `${title.padEnd(13)}${text}\n`).join('');
}

function print({ io }: Context, output: OutputFormat, view: Schemas['Sso']): Promise<void> {
  return printOne(io, output, view, view.connection?.name ?? '-', describe(view));
}

/** `claw sso show`. */
export async function showSso(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  await print(context, output, await take(api.GET('/sso')));
}

/** `claw sso set`: what is not named stays as it is. */
export async function setSso(context: Context, _args: readonly string[], options: SetOptions): Promise<void> {
  const { api } = await openSession(context);
  const { connection } = await take(api.GET('/sso'));
  const clientSecret = options.secretStdin ? await askSecret(context.io, 'The client secret', true, '--secret-stdin') : undefined;
  const body = { ...changed(connection, options), ...(clientSecret === undefined ? {} : { clientSecret }) };
  await print(context, options.output, await take(api.PUT('/sso', { body })));
}

/** `claw sso test`: the connection as it is kept. */
export async function testSso(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const { connection } = await take(api.GET('/sso'));
  if (!connection) throw new CliError(ExitCode.notFound, 'There is no identity provider.', { code: 'NOT_FOUND', nextStep: 'claw sso set --help' });
  const { issuer, clientId, scopes } = connection;
  const tested = await take(api.POST('/sso/test', { body: { issuer, clientId, scopes } }));
  await printRows(context.io, output, CHECKS, tested.checks, tested);
  if (!tested.ok)
    throw new CliError(ExitCode.failed, 'People cannot come in by it yet.', { code: 'SSO_FAILED', nextStep: 'Mend what failed, then test again.' });
}

/** `claw sso remove`. */
export async function removeSso(context: Context, _args: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  const { api } = await openSession(context);
  if (!yes && !(await confirm(context.io, 'Remove the identity provider? Whoever came by it is signed out; members stay.', '--yes')))
    throw new CliError(ExitCode.failed, 'It was not removed.');
  await takeNothing(api.DELETE('/sso'));
  context.io.stdout.write('The identity provider is removed.\n');
}

function changed(now: Connection | null, options: SetOptions): Settings {
  const { name = now?.name, issuer = now?.issuer, clientId = now?.clientId, domain = now?.domains } = options;
  if (!name || !issuer || !clientId || !domain)
    throw usageError('The first time all of these are needed: --name, --issuer, --client-id, --domain.', 'See: claw sso set --help');
  return {
    name,
    issuer,
    clientId,
    domains: [...domain],
    scopes: [...(options.scope ?? now?.scopes ?? ['openid', 'profile', 'email'])],
    groupsClaim: options.groupsClaim === undefined ? (now?.groupsClaim ?? null) : options.groupsClaim === NONE ? null : options.groupsClaim,
    groupRoles: options.group === undefined ? (now?.groupRoles ?? []) : options.group.filter((one) => one !== NONE).map(groupRole),
    defaultRole: options.defaultRole === undefined ? (now ? now.defaultRole : 'member') : roleOrNone(options.defaultRole),
    enabled: options.enable === true || (options.disable !== true && (now?.enabled ?? true)),
    enforced: options.enforce === true || (options.relax !== true && (now?.enforced ?? false)),
  };
}

function roleOrNone(word: string): Schemas['SsoRole'] | null {
  return word === NONE ? null : (word as Schemas['SsoRole']);
}

/** `group=role`; the name of a group may hold a `=` itself. */
function groupRole(pair: string): Schemas['SsoGroupRole'] {
  const at = pair.lastIndexOf('=');
  if (at < 1) throw usageError(`--group takes group=role, not "${pair}".`);
  return { group: pair.slice(0, at), role: pair.slice(at + 1) as Schemas['SsoRole'] };
}
