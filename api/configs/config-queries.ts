import type pg from 'pg';
import type { ConfigLevel } from '../../workflows/contracts/config.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Phase } from '../../workflows/contracts/instance.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import {
  CONFIG_COLUMNS,
  type ConfigRow,
  PUBLISHED,
  presentConfig,
  presentFullVersion,
  presentVersion,
  VERSION_COLUMNS,
  type VersionRow,
} from './config.presenter.ts';
import type { ConfigView, FullVersionView, ListConfigsQuery, UsersQuery, VersionView } from './config.schema.ts';

const BY_NAME = 'name';
const NEWEST = '-version';

/** A page of configs, by name. */
export async function listConfigs(sql: pg.ClientBase, { limit, cursor, q, level, type }: ListConfigsQuery): Promise<Page<ConfigView>> {
  const after = decodeCursor(cursor, BY_NAME);
  const filter = new Conditions();
  filter.contains('c.name', q);
  filter.equals('c.level', level);
  filter.equals('c.type', type);
  if (after) filter.add(`(c.name, c.id) > (${filter.value(after.value)}, ${filter.value(after.id)})`);
  const { rows } = await sql.query<ConfigRow>(
    `SELECT ${CONFIG_COLUMNS} FROM config c ${filter.where} ORDER BY c.name, c.id LIMIT ${filter.value(limit + 1)}`,
    filter.values,
  );
  return pageOfRows(rows, limit, (row) => ({ sort: BY_NAME, value: row.name, id: row.id }), presentConfig);
}

/** Throws NOT_FOUND. */
export async function getConfig(sql: pg.ClientBase, id: string): Promise<ConfigView> {
  const { rows } = await sql.query<ConfigRow>(`SELECT ${CONFIG_COLUMNS} FROM config c WHERE c.id = $1`, [id]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such config.');
  return presentConfig(rows[0]);
}

/** A config whose row is locked until the transaction ends. */
export interface LockedConfig {
  readonly id: string;
  readonly tenantId: string | null;
  readonly level: ConfigLevel;
  readonly projectId: string | null;
  readonly type: string;
  readonly name: string;
  readonly current: number | null;
  readonly latest: number;
}

/** Throws NOT_FOUND when there is none that the transaction may write. */
export async function lockConfig(sql: pg.ClientBase, id: string): Promise<LockedConfig> {
  const { rows } = await sql.query<LockedConfig>(
    `SELECT id, tenant_id AS "tenantId", level, project_id AS "projectId", type, name, current, latest FROM config WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such config.');
  return rows[0];
}

/** A page of versions, newest first. Throws NOT_FOUND. */
export async function listVersions(
  sql: pg.ClientBase,
  id: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<VersionView>> {
  await getConfig(sql, id);
  const after = decodeCursor(cursor, NEWEST, (value) => /^\d{1,9}$/.test(value));
  const { rows } = await sql.query<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM config_version WHERE config_id = $1 AND ($2::integer IS NULL OR version < $2) ORDER BY version DESC LIMIT $3`,
    [id, after ? Number(after.value) : null, limit + 1],
  );
  return pageOfRows(rows, limit, (row) => ({ sort: NEWEST, value: String(row.version), id: row.config_id }), presentVersion);
}

/** Throws NOT_FOUND. */
export async function getVersion(sql: pg.ClientBase, id: string, version: number): Promise<FullVersionView> {
  const { rows } = await sql.query<VersionRow>(`SELECT ${VERSION_COLUMNS}, document FROM config_version WHERE config_id = $1 AND version = $2`, [id, version]);
  if (!rows[0]) throw new Failure('NOT_FOUND', `There is no version ${version} of this config.`);
  return presentFullVersion(rows[0]);
}

interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly phase: Phase;
  readonly version: number | null;
  readonly published: number | null;
}

// A level applies to every instance below it, also to one that began before there was a config.
const USERS = `SELECT i.id, i.name, i.project_id, i.phase, pin.version, p.published
  FROM config c CROSS JOIN LATERAL (SELECT ${PUBLISHED} AS published) p
  JOIN instance i ON i.destroyed_at IS NULL AND i.type = c.type AND (c.project_id IS NULL OR i.project_id = c.project_id)
  LEFT JOIN LATERAL (SELECT l.version FROM jsonb_to_recordset(coalesce(i.spec->'config'->'layers', '[]')) AS l(config text, version integer) WHERE l.config = c.id) pin ON true
  WHERE c.id = $1 AND (c.level <> 'template' OR pin.version IS NOT NULL)
    AND ($2::text IS NULL OR (i.name, i.id) > ($2, $3)) AND (NOT $4 OR coalesce(pin.version, 0) < p.published)
  ORDER BY i.name, i.id LIMIT $5`;

/** Who runs on which version of a config, by name. Throws NOT_FOUND. */
export async function listUsers(sql: pg.ClientBase, id: string, { limit, cursor, outOfDate }: UsersQuery) {
  await getConfig(sql, id);
  const after = decodeCursor(cursor, BY_NAME);
  const { rows } = await sql.query<UserRow>(USERS, [id, after?.value ?? null, after?.id ?? '', outOfDate === 'true', limit + 1]);
  return pageOfRows(
    rows,
    limit,
    (row) => ({ sort: BY_NAME, value: row.name, id: row.id }),
    (row) => ({
      id: row.id,
      name: row.name,
      projectId: row.project_id,
      phase: row.phase,
      version: row.version,
      outOfDate: row.published !== null && (row.version ?? 0) < row.published,
    }),
  );
}
