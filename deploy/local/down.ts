import { existsSync } from 'node:fs';
import { repositoryRoot } from './platform.ts';
import { dataDirectory, parseArguments } from './supervisor/arguments.ts';
import { stopPlatform } from './supervisor/shutdown.ts';

try {
  const options = parseArguments(process.argv.slice(2), []);
  if (options.help) process.stdout.write('npm run down     stop ClawLoops on this machine; the data is kept\n');
  else {
    const dataDir = dataDirectory(repositoryRoot);
    const outcome = existsSync(dataDir) ? await stopPlatform(dataDir) : 'not running';
    process.stderr.write(`  ${outcome === 'stopped' ? 'Stopped. The data is kept.' : 'ClawLoops does not run on this data.'}\n`);
  }
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n  ${(error as Error).message}\n\n`);
  process.exit(1);
}
