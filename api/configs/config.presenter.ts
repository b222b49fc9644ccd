import type { ConfigDocument, ConfigLevel, ConfigVersionState } from '../../workflows/contracts/config.ts';
import type { ConfigView, FullVersionView, VersionView } from './config.schema.ts';

export interface ConfigRow {
  readonly id: string;
  readonly level: ConfigLevel;
  readonly project_id: string | null;
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly current: number | null;
  readonly latest: number;
  readonly published: number | null;
  readonly instances: number;
  readonly out_of_date: number;
  readonly created_at: Date;
  readonly created_by: string;
  readonly updated_at: Date;
  readonly last_updated_by: string;
}

/** The newest published version, for `FROM config c`. */
export const PUBLISHED = "(SELECT max(v.version) FROM config_version v WHERE v.config_id = c.id AND v.state = 'published')";

/** Living instances that run on any version of a config, for `FROM config c`; the version is `pin.version`. */
export const USERS = `FROM instance i CROSS JOIN LATERAL jsonb_to_recordset(i.spec->'config'->'layers') AS pin(config text, version integer)
  WHERE i.destroyed_at IS NULL AND i.spec->'config'->'layers' @> jsonb_build_array(jsonb_build_object('config', c.id)) AND pin.config = c.id`;

/** For `FROM config c`. */
export const CONFIG_COLUMNS = `c.id, c.level, c.project_id, c.type, c.name, c.description, c.current, c.latest, c.created_at, c.created_by, c.updated_at,
  c.last_updated_by, ${PUBLISHED} AS published, (SELECT count(*)::integer ${USERS}) AS instances,
  (SELECT count(*)::integer ${USERS} AND pin.version < ${PUBLISHED}) AS out_of_date`;

export function presentConfig(row: ConfigRow): ConfigView {
  return {
    id: row.id,
    level: row.level,
    projectId: row.project_id,
    type: row.type,
    name: row.name,
    description: row.description,
    current: row.current,
    published: row.published,
    latest: row.latest,
    instances: row.instances,
    outOfDate: row.out_of_date,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
    lastUpdatedBy: row.last_updated_by,
  };
}

export interface VersionRow {
  readonly config_id: string;
  readonly version: number;
  readonly state: ConfigVersionState;
  readonly note: string;
  readonly document: ConfigDocument;
  readonly created_at: Date;
  readonly created_by: string;
  readonly published_at: Date | null;
  readonly published_by: string | null;
}

export const VERSION_COLUMNS = 'config_id, version, state, note, created_at, created_by, published_at, published_by';

export function presentVersion(row: Omit<VersionRow, 'document'>): VersionView {
  return {
    config: row.config_id,
    version: row.version,
    state: row.state,
    note: row.note,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    publishedAt: row.published_at?.toISOString() ?? null,
    publishedBy: row.published_by,
  };
}

export function presentFullVersion(row: VersionRow): FullVersionView {
  return { ...presentVersion(row), document: row.document as FullVersionView['document'] };
}
