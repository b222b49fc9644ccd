import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { AUDIT } from '../views/audit.ts';

type Verdict = components['schemas']['AuditVerdict'];

interface Filter {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly result?: 'done' | 'refused' | 'failed';
  /** Reads the moment when the time is known. */
  readonly since?: (now: Date) => string;
  readonly until?: (now: Date) => string;
}

function queryOf({ actor, action, target, result, since, until }: Filter, now: Date) {
  return {
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(target ? { target } : {}),
    ...(result ? { result } : {}),
    ...(since ? { since: since(now) } : {}),
    ...(until ? { until: until(now) } : {}),
  };
}

/** `claw audit list`: oldest first, so that the newest stand where a person looks. */
export async function listAudit(
  context: Context,
  _args: readonly string[],
  { output, limit, ...filter }: Filter & { readonly output: OutputFormat; readonly limit: number },
): Promise<void> {
  const { api } = await openSession(context);
  const query = queryOf(filter, context.io.now());
  const page = await readPages((paging) => take(api.GET('/audit', { params: { query: { ...query, ...paging } } })), limit);
  await printRows(context.io, output, AUDIT, page.items.toReversed(), page);
}

/** `claw audit export`: to standard output, or into a file that is only its owner's and must not be there yet. */
export async function exportAudit(
  context: Context,
  _args: readonly string[],
  { format, to, ...filter }: Filter & { readonly format: 'ndjson' | 'csv'; readonly to?: string },
): Promise<void> {
  const { api } = await openSession(context);
  const query = { ...queryOf(filter, context.io.now()), format };
  const body = Readable.fromWeb((await take(api.GET('/audit/export', { params: { query }, parseAs: 'stream' }))) as unknown as ReadableStream<Uint8Array>);
  if (to === undefined) {
    const decoder = new TextDecoder();
    for await (const chunk of body) context.io.stdout.write(decoder.decode(chunk as Uint8Array, { stream: true }));
    return;
  }
  await pipeline(body, createWriteStream(to, { flags: 'wx', mode: 0o600 })).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new CliError(ExitCode.failed, `${to} is there already.`, { nextStep: 'Name another file.' }) : error;
  });
  context.io.stderr.write(`${to}\n`);
}

/** `claw audit verify`: exit code 1 when an entry was removed or changed. */
export async function verifyAudit(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { io } = context;
  const { api } = await openSession(context);
  let checked = 0;
  let verdict: Verdict;
  for (let cursor: string | null = null; ; ) {
    verdict = await take(api.GET('/audit/verify', { params: { query: cursor === null ? {} : { cursor } } }));
    checked += verdict.checked;
    if (verdict.state !== 'more') break;
    if (io.stderr.isTTY) io.stderr.write(`${checked} of ${verdict.total} entries\r`);
    cursor = verdict.nextCursor;
  }
  const whole = { ...verdict, checked };
  const { broken } = verdict;
  const old = verdict.cutUpTo > 0 ? ` Entries up to ${verdict.cutUpTo} were older than the audit is kept.` : '';
  if (!broken || output !== 'table')
    await printOne(io, output, whole, verdict.state, `All ${checked} entries are as they were written, up to the signed end.${old}\n`);
  if (!broken) return;
  throw new CliError(ExitCode.failed, `The chain is broken at entry ${broken.seq}${broken.id ? ` (${broken.id})` : ''}: ${broken.message}`, {
    code: `AUDIT_${broken.kind.toUpperCase()}`,
    nextStep: 'Compare it with an export or a backup, and find out who can write to the database.',
  });
}
