import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';
import { expect, inject, it } from 'vitest';
import { createLogger } from '../../activities/platform/logger.ts';
import { fanOut } from './fan-out.ts';

it('ends although its server was closed before it had a connection', async () => {
  const { superuserUrl } = inject('services');
  const url = new URL(superuserUrl);
  url.searchParams.set('application_name', 'closed-too-early');
  const observer = new pg.Client({ connectionString: superuserUrl });
  await observer.connect();
  const sessions = async () => (await observer.query("SELECT query FROM pg_stat_activity WHERE application_name = 'closed-too-early'")).rows;
  try {
    const io = new Server(createServer());
    const others = fanOut(io, { url: url.href, logger: createLogger({ name: 'api', level: 'error' }) });
    await io.close().catch(() => undefined);
    await expect.poll(sessions).toContainEqual({ query: expect.stringMatching(/^LISTEN/) });
    await others.close();
    await expect.poll(sessions).toEqual([]);
  } finally {
    await observer.end();
  }
});
