import { resolve } from 'node:path';
import { type BackupArguments, parseBackupArguments } from './backup/arguments.ts';
import { readPassphrase } from './backup/envelope.ts';
import { type Restored, type RestoreStage, restoreBackup } from './backup/restore-backup.ts';

const usage = `npm run restore -- FILE [options]     restore a backup of the control plane into an empty data folder

  --data DIR           data folder to make (default: CLAWLOOPS_DATA_DIR, else .clawloops in this clone)
  --passphrase-stdin   read the passphrase of a sealed backup from standard input
  --json               print one JSON line {"dataDir","createdAt","instances","openOperations","foundClaws"}

Claws that still run below DIR/claws are left running and adopted by the next npm run up.
`;

const SAID: Readonly<Record<RestoreStage, string>> = {
  verify: 'Checking the file ...',
  unpack: 'Unpacking ...',
  database: 'Starting the database from its copy ...',
  objects: 'Filling the object store ...',
  workflows: 'Making the workflows agree with the database ...',
};

function print(options: BackupArguments, { manifest, instances, openOperations, foundClaws }: Restored): void {
  const { dataDir } = options;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ dataDir, createdAt: manifest.createdAt, instances, openOperations, foundClaws })}\n`);
    return;
  }
  const claws = foundClaws
    ? 'Claws of this machine were found; those of the backup are adopted as they run, others run on and are listed by claw doctor.'
    : 'What claws had stored was not in the backup: copy the old folder "claws" to this data folder first, if you have it.';
  process.stdout.write(
    `\n  Restored to ${dataDir}: ${instances} instances as of ${manifest.createdAt}, ${openOperations} operations go on.\n  ${claws}\n  Start it with: npm run up\n\n`,
  );
}

try {
  const options = parseBackupArguments(process.argv.slice(2), ['data', 'passphrase-stdin', 'json']);
  if (options.help) process.stdout.write(usage);
  else {
    if (!options.file) throw new Error('Name the backup: npm run restore -- FILE');
    const passphrase = options.passphraseStdin ? readPassphrase() : null;
    const onStage = (stage: RestoreStage) => void process.stderr.write(`  ${SAID[stage]}\n`);
    print(options, await restoreBackup({ file: resolve(options.file), dataDir: options.dataDir, passphrase, onStage }));
  }
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n  ${(error as Error).message}\n\n`);
  process.exit(1);
}
