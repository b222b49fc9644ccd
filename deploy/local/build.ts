import { join, relative } from 'node:path';
import { buildPrograms } from './build/programs.ts';
import { repositoryRoot } from './platform.ts';

for (const { file, bytes } of await buildPrograms(join(repositoryRoot, 'dist'))) {
  console.log(`${relative(repositoryRoot, file)}  ${Math.round(bytes / 1024)} KiB`);
}
