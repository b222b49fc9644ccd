import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { verifyArchive } from './backup/archive.ts';
import { type BackupArguments, parseBackupArguments } from './backup/arguments.ts';
import { ARCHIVE_ENDINGS, isSealed, readPassphrase } from './backup/envelope.ts';
import type { BackupManifest } from './backup/manifest.ts';
import { type BackupStage, takeBackup } from './backup/take-backup.ts';

const usage = `npm run backup [-- options]            write a backup of the control plane, whether it runs or not
npm run backup -- --verify FILE        read a backup and check every part of it

  --to FILE            where to; ends in ${ARCHIVE_ENDINGS.join(', ')} (default: clawloops-<time>.tar.zst here)
  --data DIR           data folder of the platform (default: CLAWLOOPS_DATA_DIR, else .clawloops in this clone)
  --passphrase-stdin   seal it with a passphrase read from standard input
  --json               print one JSON line {"file","bytes","manifest"}

It holds the database, the workflow engine, the object store, secrets and keys. It does not hold what claws store: that stays on their hosts.
`;

const SAID: Readonly<Record<BackupStage, string>> = {
  postgres: 'Copying the database ...',
  temporal: 'Copying the workflow engine ...',
  objects: 'Copying the object store ...',
  platform: 'Adding secrets, keys and ports ...',
  verify: 'Reading it again ...',
};

const say = (text: string) => void process.stderr.write(`  ${text}\n`);
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function defaultName(): string {
  return `clawloops-${new Date().toISOString().replace(/[:-]/g, '').replace(/\..*/, 'Z')}.tar.zst`;
}

function print(options: BackupArguments, file: string, manifest: BackupManifest, sealed: boolean): void {
  const bytes = statSync(file).size;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ file, bytes, manifest })}\n`);
    return;
  }
  const parts = Object.entries(manifest.parts).map(([name, part]) => `    ${name.padEnd(9)} ${part.files} files, ${mebibytes(part.bytes)}\n`);
  process.stdout.write(`\n  ${file}  ${mebibytes(bytes)}, of ${manifest.createdAt}, ${manifest.instances} instances, every part verified\n${parts.join('')}`);
  process.stdout.write('    Not in it: what claws store. It stays on their hosts.\n');
  if (!sealed) process.stdout.write('\n  Whoever has this file has every secret of the platform. Keep it like a key, or seal it with --passphrase-stdin.\n');
}

async function main(options: BackupArguments): Promise<void> {
  if (options.verify) {
    if (!options.file) throw new Error('Name the file to verify: npm run backup -- --verify FILE');
    const file = resolve(options.file);
    const manifest = await verifyArchive(file, options.passphraseStdin ? readPassphrase() : null);
    return print(options, file, manifest, await isSealed(file));
  }
  if (options.file) throw new Error(`Say --to ${options.file} to write there, or --verify ${options.file} to check it.`);
  const to = resolve(options.to ?? defaultName());
  if (!ARCHIVE_ENDINGS.some((end) => to.endsWith(end))) throw new Error(`The name of the file must end in ${ARCHIVE_ENDINGS.join(', ')}.`);
  const passphrase = options.passphraseStdin ? readPassphrase() : null;
  const manifest = await takeBackup({ dataDir: options.dataDir, to, passphrase, onStage: (stage) => say(SAID[stage]) });
  print(options, to, manifest, passphrase !== null);
}

try {
  const options = parseBackupArguments(process.argv.slice(2), ['to', 'data', 'verify', 'passphrase-stdin', 'json']);
  if (options.help) process.stdout.write(usage);
  else await main(options);
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n  ${(error as Error).message}\n\n`);
  process.exit(1);
}
