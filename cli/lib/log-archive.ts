import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { LOG_ARCHIVES, type LogArchive } from '../views/log.ts';
import { interruptedError, readPages, type Session, take } from './client.ts';
import { CliError, ExitCode } from './errors.ts';
import type { Io } from './io.ts';
import { printRows } from './output.ts';

/** What a search of a log is narrowed by; times as RFC 3339. */
export interface LogSearch {
  readonly q: string;
  readonly from?: string;
  readonly to?: string;
  readonly level?: string;
}

/** A line as the commands print it. */
export interface PrintedLine {
  readonly at: string | null;
  readonly text: string;
}

/** At most so many of the newest lines that match, oldest first, from the archive and the host. Tells when the host could not be asked. */
export async function searchLog({ api, signal }: Session, id: string, search: LogSearch, most: number, told: (what: string) => void): Promise<PrintedLine[]> {
  const found: PrintedLine[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(1000, most - found.length);
    const page: Awaited<ReturnType<typeof ask>> = await ask(limit, cursor);
    if (page.host === 'away' && cursor === null) told('The host is not connected: only the archive was searched.');
    found.push(...page.items);
    cursor = page.nextCursor;
    if (signal.aborted) throw interruptedError();
  } while (cursor !== null && found.length < most);
  if (cursor !== null) told(`There may be more; these are the newest ${found.length}. Narrow it with --since and --until, or ask for more with --tail.`);
  return found.reverse();

  function ask(limit: number, from: string | null) {
    return take(api.GET('/instances/{id}/logs/search', { params: { path: { id }, query: { ...search, limit, ...(from ? { cursor: from } : {}) } } }));
  }
}

/** Every archived piece, newest first. */
async function pieces({ api }: Session, id: string): Promise<{ readonly items: readonly LogArchive[] }> {
  return readPages((query) => take(api.GET('/instances/{id}/logs/archives', { params: { path: { id }, query } })), Number.POSITIVE_INFINITY);
}

/** Prints what is archived, oldest first. */
export async function printArchives(io: Io, session: Session, id: string): Promise<void> {
  const page = await pieces(session, id);
  await printRows(io, 'table', LOG_ARCHIVES, page.items.toReversed(), page);
}

/** Writes an archived piece, named as the list names it, into the present folder; answers where. Never over a file. */
export async function downloadArchive(session: Session, id: string, name: string): Promise<string> {
  const piece = (await pieces(session, id)).items.find((one) => one.fileName === name || one.id === name);
  if (!piece) throw new CliError(ExitCode.notFound, `No piece of the log is called ${name}.`, { code: 'NOT_FOUND', nextStep: 'List them with --archives.' });
  const params = { path: { id, archiveId: piece.id } };
  const content = await take(session.api.GET('/instances/{id}/logs/archives/{archiveId}/download', { params, parseAs: 'arrayBuffer' }));
  const file = resolve(basename(piece.fileName));
  await writeFile(file, new Uint8Array(content as ArrayBuffer), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new CliError(ExitCode.conflict, `${file} is there already.`, { code: 'EXISTS' });
    throw new CliError(ExitCode.failed, `${file} cannot be written: ${error.code ?? error.message}.`, { code: 'NOT_WRITTEN' });
  });
  return file;
}
