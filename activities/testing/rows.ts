import pg from 'pg';
import type { ClawTypeManifest } from '../../workflows/contracts/claw-type.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { ConfigOverride, InstanceSpec } from '../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import { newId, newSlug } from '../platform/ids.ts';

/** What the API commits when it accepts things, written straight into the tables by a suite that has no API. */
export interface TestRows {
  readonly tenantId: string;
  readonly projectId: string;
  readonly hostId: string;
  instance(options?: {
    readonly type?: string;
    readonly overrides?: readonly ConfigOverride[];
    readonly memory?: string;
    readonly id?: string;
    readonly tenantId?: string;
  }): Promise<string>;
  /** The next operation of an instance, accepted and not delivered; raises the generation as admission does. */
  operation(instanceId: string, kind: OperationKind): Promise<{ readonly operationId: string; readonly seq: number; readonly generation: number }>;
  manifest(manifest: ClawTypeManifest): Promise<void>;
  one<T extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<T>;
  all<T extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

const HOST: HostInfo = {
  hostname: 'test',
  platform: 'linux',
  arch: 'x64',
  cpus: 4,
  memoryBytes: 8 * 2 ** 30,
  diskFreeBytes: 2 ** 40,
  bridgeVersion: '0',
  nodeVersion: '24.0.0',
  isolation: 'none',
  limits: { memory: false, cpu: false, reason: 'a test' },
  ports: { base: 20_000, perSlot: 4, slots: 8 },
};

/** Makes a tenant, its project and a connected host. `ownerUrl`: connection string of the owner role. */
export async function testRows(ownerUrl: string): Promise<TestRows> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 2 });
  const [tenantId, projectId, hostId] = [newId(IdPrefix.tenant), newId(IdPrefix.project), newId(IdPrefix.host)];
  await pool.query('INSERT INTO tenant (id, name) VALUES ($1, $2)', [tenantId, 'Test']);
  await pool.query('INSERT INTO project (id, tenant_id, name) VALUES ($1, $2, $3)', [projectId, tenantId, 'default']);
  await pool.query('INSERT INTO host (id, name, token_hash, connected, info) VALUES ($1, $2, $3, true, $4)', [hostId, 'test', hostId, JSON.stringify(HOST)]);
  const all = async <T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => (await pool.query<T>(sql, [...values])).rows;
  const rows: TestRows = {
    tenantId,
    projectId,
    hostId,
    all,
    one: async <T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
      const [row] = await all<T>(sql, values);
      if (row === undefined) throw new Error(`no row: ${sql}`);
      return row;
    },
    instance: async ({ type = 'openclaw', overrides = [], memory = '1Gi', id = newId(IdPrefix.instance) } = {}) => {
      const version = type === 'openclaw' ? '2026.9.6' : '1.0.0';
      const spec: InstanceSpec = {
        type,
        version,
        replicas: 1,
        placement: { driver: 'host', hostId },
        resources: { cpu: '500m', memory, storage: '1Gi' },
        config: { overrides },
      };
      const name = newSlug('claw');
      await pool.query(
        `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, generation, created_by, last_updated_by)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, 0, 'usr_1', 'usr_1')`,
        [id, tenantId, projectId, name, type, version, hostId, JSON.stringify(spec)],
      );
      return id;
    },
    operation: async (instanceId, kind) => {
      const { operation_seq: seq, generation } = await rows.one<{ operation_seq: number; generation: number }>(
        'UPDATE instance SET operation_seq = operation_seq + 1, generation = generation + 1 WHERE id = $1 RETURNING operation_seq, generation',
        [instanceId],
      );
      const operationId = newId(IdPrefix.operation);
      await pool.query("INSERT INTO operation (id, tenant_id, instance_id, seq, kind, generation, requested_by) VALUES ($1, $2, $3, $4, $5, $6, 'usr_1')", [
        operationId,
        tenantId,
        instanceId,
        seq,
        kind,
        generation,
      ]);
      return { operationId, seq, generation };
    },
    manifest: async (manifest) => {
      await pool.query("INSERT INTO claw_type (id, tenant_id, name, manifest, created_by) VALUES ($1, $2, $3, $4, 'usr_1')", [
        newId(IdPrefix.clawType),
        tenantId,
        manifest.metadata.name,
        JSON.stringify(manifest),
      ]);
    },
    close: () => pool.end(),
  };
  return rows;
}
