import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { redactLogLine } from '../../workflows/contracts/redaction.ts';
import { CliError, ExitCode } from './errors.ts';

/** One text file of a support bundle; `name` is its path in it. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

const LOG_LINES = 2_000;

/** The files of a tar.gz, without the folder that all of them are in. */
export async function unpackBundle(archive: Uint8Array): Promise<BundleFile[]> {
  const { extract } = await import('tar-stream');
  const tar = extract();
  tar.end(await promisify(gunzip)(archive));
  const files: BundleFile[] = [];
  for await (const entry of tar) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
    files.push({ name: entry.header.name.split('/').slice(1).join('/'), text: Buffer.concat(chunks).toString('utf8') });
  }
  return files;
}

/** Writes the files as a tar.gz, all in one folder, readable by its owner only. Throws when there is such a file already. */
export async function writeBundle(file: string, folder: string, files: readonly BundleFile[]): Promise<void> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  for (const { name, text } of files) tar.entry({ name: `${folder}/${name}`, mode: 0o600 }, text);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = await promisify(gzip)(Buffer.concat(chunks));
  await writeFile(file, bytes, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new CliError(ExitCode.conflict, `${file} is there already.`, { code: 'EXISTS', nextStep: 'Name another with --output.' });
    throw new CliError(ExitCode.failed, `${file} cannot be written: ${error.code ?? error.message}.`, { code: 'NOT_WRITTEN' });
  });
}

/** Ends of the logs of a platform's data folder on this machine, redacted; none where there are none to be read. */
export async function localLogs(dataDir: string): Promise<BundleFile[]> {
  const folder = join(dataDir, 'logs');
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[a-z-]+\.log$/.test(name));
  const read = async (name: string): Promise<BundleFile | null> => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => null);
    if (text === null) return null;
    const lines = text.split('\n').filter((line) => line !== '');
    const kept = lines.slice(-LOG_LINES).map(redactLogLine);
    return { name: `logs/${name}`, text: kept.flatMap((line) => (line === null ? [] : [`${line}\n`])).join('') };
  };
  return (await Promise.all(names.sort().map(read))).filter((file) => file !== null);
}
