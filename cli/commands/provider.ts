import type { ProviderKind, ProviderView } from '../../workflows/contracts/model.ts';
import { openSession, readPages, type Session, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { follow } from '../lib/follow.ts';
import { isInteractive } from '../lib/io.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { askSecret, confirm } from '../lib/prompt.ts';
import { findProvider } from '../lib/resolve.ts';
import { PROVIDERS } from '../views/provider.ts';

interface VerifyOptions {
  readonly output: OutputFormat;
  readonly wait: boolean;
  readonly timeout: number;
}

interface AddOptions extends VerifyOptions {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly baseUrl?: string;
  readonly model?: readonly string[];
  readonly keyStdin?: boolean;
}

/** Kinds that usually need no credential: they run in your own network. */
const KEYLESS: readonly ProviderKind[] = ['ollama', 'hosted_vllm'];

/** `claw provider list`. */
export async function listProviders(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/providers', { params: { query } })));
  await printRows(context.io, output, PROVIDERS, page.items, page);
}

/** Waits for the verification, prints the provider, and fails when the provider refused. */
async function finishVerification(context: Context, session: Session, provider: ProviderView, { wait, timeout, output }: VerifyOptions): Promise<void> {
  const { id, name } = provider;
  const done = !wait
    ? provider
    : await follow(session, {
        room: `tenant:${(await take(session.api.GET('/me'))).tenant.id}`,
        look: () => take(session.api.GET('/providers/{id}', { params: { path: { id } } })),
        ended: ({ state }) => state === 'verified' || state === 'failed',
        onLook: () => {},
        timeoutSeconds: timeout,
        timedOut: { message: `${name} has not been verified within ${timeout} s; it goes on.`, nextStep: 'Look later: claw provider list' },
      });
  const failed = done.state === 'failed';
  if (!failed || output !== 'table') await printOne(context.io, output, done, name, `${name} is ${done.state}.\n`);
  if (failed)
    throw new CliError(ExitCode.failed, `${name} is not usable: ${done.error?.message ?? 'the verification failed.'}`, {
      code: done.error?.code ?? 'FAILED',
      nextStep: done.error?.nextStep,
    });
}

/** `claw provider add`: the credential comes from standard input or is typed unseen. */
export async function addProvider(context: Context, _args: readonly string[], options: AddOptions): Promise<void> {
  const { kind, name, baseUrl, model = [] } = options;
  if (model.length === 0) throw usageError('A provider needs at least one model.', 'Add --model, e.g. --model gpt-5-mini');
  if (KEYLESS.includes(kind) && !baseUrl) throw usageError(`${kind} needs an address.`, 'Add --base-url, e.g. --base-url http://127.0.0.1:11434');
  const session = await openSession(context);
  const ask = options.keyStdin || (!KEYLESS.includes(kind) && isInteractive(context.io));
  const apiKey = ask ? await askSecret(context.io, `API key of ${name}`, options.keyStdin, '--key-stdin') : undefined;
  if (!apiKey && !KEYLESS.includes(kind)) throw usageError(`${kind} needs a credential.`, 'Send it on standard input with --key-stdin');
  const provider = await take(
    session.api.POST('/providers', { body: { name, kind, models: [...model], ...(baseUrl ? { baseUrl } : {}), ...(apiKey ? { apiKey } : {}) } }),
  );
  await finishVerification(context, session, provider, options);
}

/** `claw provider verify NAME`. */
export async function verifyProvider(context: Context, [word = '']: readonly string[], options: VerifyOptions): Promise<void> {
  const session = await openSession(context);
  const { id } = await findProvider(session, word);
  await finishVerification(context, session, await take(session.api.POST('/providers/{id}/verify', { params: { path: { id } } })), options);
}

/** `claw provider remove NAME`. */
export async function removeProvider(context: Context, [word = '']: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  const session = await openSession(context);
  const { id, name } = await findProvider(session, word);
  if (!yes && !(await confirm(context.io, `Remove ${name} and its credential? Claws that use its models get errors until they use another.`, '--yes')))
    throw new CliError(ExitCode.failed, `${name} was not removed.`);
  await takeNothing(session.api.DELETE('/providers/{id}', { params: { path: { id } } }));
  context.io.stdout.write(`${name} is removed.\n`);
}
