import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { LiteLlmClient } from '../../activities/clients/litellm/client.ts';
import { type Finding, fact } from './health.ts';

const DEADLINE_MS = 3000;
const LAG_SECONDS = 15;
const CROWDED = 0.9;
const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations');

interface DatabaseRow {
  readonly version: string;
  readonly started: Date;
  readonly used: number;
  readonly allowed: number;
  readonly bytes: string;
  readonly applied: number;
}

/** PostgreSQL: room for connections, size, and whether it has had every migration that this version brings. */
export async function checkDatabase(pool: pg.Pool): Promise<Finding> {
  const began = performance.now();
  const { rows } = await pool.query<DatabaseRow>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, pg_postmaster_start_time() AS started,
       (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
       current_setting('max_connections')::integer AS allowed, pg_database_size(current_database()) AS bytes,
       (SELECT count(*)::integer FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied`,
  );
  const row = rows[0];
  if (!row) throw new Error('the database answered nothing');
  const latencyMs = Math.round(performance.now() - began);
  const known = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory()).length;
  const found: Finding = {
    version: row.version,
    latencyMs,
    since: row.started,
    facts: [
      ...fact('connections', row.used),
      ...fact('connectionsMax', row.allowed),
      ...fact('size', Number(row.bytes), 'bytes'),
      ...fact('migrationsApplied', row.applied),
      ...fact('migrationsKnown', known),
    ],
  };
  if (row.applied < known)
    return { ...found, status: 'degraded', message: `${known - row.applied} migrations are not applied.`, nextStep: 'Apply them.', command: 'npm run up' };
  if (row.used > row.allowed * CROWDED)
    return {
      ...found,
      status: 'degraded',
      message: `${row.used} of ${row.allowed} connections are in use.`,
      nextStep: 'End what holds them, or raise max_connections.',
      command: 'npm run status',
    };
  return found;
}

/** The Temporal server. */
export async function checkTemporal(temporal: Client): Promise<Finding> {
  const info = await temporal.withDeadline(Date.now() + DEADLINE_MS, () => temporal.workflowService.getSystemInfo({}));
  return { version: info.serverVersion ?? '', facts: fact('namespace', temporal.options.namespace, 'text') };
}

/** Accepted work on its way to the workflow engine. */
export async function checkRelay(lag: () => Promise<{ readonly pending: number; readonly oldestSeconds: number }>): Promise<Finding> {
  const { pending, oldestSeconds } = await lag();
  const facts = [...fact('pending', pending), ...fact('oldest', Math.round(oldestSeconds), 'seconds')];
  if (oldestSeconds <= LAG_SECONDS) return { facts };
  return {
    status: 'degraded',
    facts,
    message: `${pending} accepted items wait, the oldest for ${Math.round(oldestSeconds)} s.`,
    nextStep: 'Check the workflow engine; nothing is lost.',
    command: 'npm run up',
  };
}

/** LiteLLM. */
export async function checkModelService(liteLlm: Pick<LiteLlmClient, 'ping' | 'version'>): Promise<Finding> {
  const latencyMs = Math.round(await liteLlm.ping(DEADLINE_MS));
  const version = await liteLlm.version(DEADLINE_MS).catch(() => null);
  return { latencyMs, ...(version === null ? {} : { version }) };
}
