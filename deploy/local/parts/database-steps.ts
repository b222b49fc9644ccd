import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { databaseUrls } from '../database/urls.ts';
import { run } from '../tools/run.ts';
import type { TaskPart } from './part.ts';

/** Applies the SQL migrations as the owner role. */
export const migratePart: TaskPart = {
  kind: 'task',
  name: 'migrate',
  title: 'Database migrations',
  needs: ['postgres'],
  async run(context) {
    await run(process.execPath, [join(context.root, 'prisma', 'migrate.ts')], {
      cwd: context.root,
      env: { ...process.env, DATABASE_URL_OWNER: databaseUrls(context).owner },
    });
  },
};

/** Makes the first tenant, project and host, and a fresh set-up code while nobody has an account. */
export const seedPart: TaskPart = {
  kind: 'task',
  name: 'seed',
  title: 'First tenant and host',
  needs: ['migrate'],
  async run(context) {
    const setupCode = randomBytes(24).toString('base64url');
    const { stdout } = await run(process.execPath, [join(context.root, 'prisma', 'seed.ts')], {
      cwd: context.root,
      env: { ...process.env, DATABASE_URL_OWNER: databaseUrls(context).owner, SEED_HOST_TOKEN: context.secrets.hostToken, SEED_SETUP_CODE: setupCode },
    });
    const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { setupNeeded?: boolean };
    context.outputs.setupCode = answer.setupNeeded ? setupCode : null;
  },
};
