import type { Client } from '@temporalio/client';
import pg from 'pg';
import type { FailureCode } from '../workflows/contracts/failures.ts';
import { instanceWorkflowId, providerVerifyWorkflowId } from '../workflows/contracts/ids.ts';
import type { Condition, InstanceCommand, Phase } from '../workflows/contracts/instance.ts';
import { Limits } from '../workflows/contracts/limits.ts';
import type { ProviderVerification } from '../workflows/contracts/model.ts';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { instanceWorkflow } from '../workflows/instance/instance.workflow.ts';
import { resumedInstance } from '../workflows/instance/resumed.ts';
import type { providerVerifyWorkflow } from '../workflows/provider/provider-verify.workflow.ts';
import { dataKeysOf } from './platform/data-keys.ts';
import { readKeyRing } from './platform/secrets.ts';
import { createTemporalClient } from './platform/temporal/connection.ts';

/** What was made anew. */
export interface Resumed {
  readonly instances: number;
  readonly openOperations: number;
}

interface Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly intent_phase: Phase;
  readonly reason: FailureCode | null;
  readonly message: string | null;
  readonly conditions: readonly Condition[];
  readonly operation_seq: number;
  readonly config_hash: string | null;
  readonly applied_version: string | null;
  readonly observed_restarts: number;
  readonly generation: number | null;
  readonly desired: 'running' | 'stopped' | 'removed' | null;
  readonly open: readonly (InstanceCommand & { readonly begun: boolean })[];
  readonly ended: readonly string[];
}

const LIVING = `SELECT i.id, i.tenant_id, i.intent_phase, i.reason, i.message, i.conditions, i.operation_seq, i.config_hash, i.applied_version,
    i.observed_restarts, w.generation, w.desired,
    (SELECT coalesce(json_agg(json_build_object('operationId', o.id, 'seq', o.seq, 'kind', o.kind, 'generation', o.generation, 'params', o.params,
        'begun', o.started_at IS NOT NULL) ORDER BY o.seq), '[]')
      FROM operation o WHERE o.instance_id = i.id AND o.finished_at IS NULL) AS open,
    ARRAY(SELECT id FROM (SELECT o.id, o.seq FROM operation o WHERE o.instance_id = i.id AND o.finished_at IS NOT NULL
      ORDER BY o.seq DESC LIMIT ${Limits.processedOperations}) last ORDER BY seq) AS ended
  FROM instance i LEFT JOIN workload w ON w.instance_id = i.id WHERE i.destroyed_at IS NULL ORDER BY i.id`;

/**
 * What bridges were told after the database's copy was made has numbers that the copy does not know. Every wish is repeated with a
 * number above all of those, or a bridge would take it for an old one.
 */
const LATER_GENERATION = 100_000;
const STARTS_AT_ONCE = 16;

/**
 * Makes the workflow engine agree with a database that was restored from a copy: every living instance gets a new entity made from its
 * record, entities of instances that the database does not know end, and verifications of providers begin again. Nothing else may run
 * meanwhile: no API, no worker. May be repeated. `ownerUrl`: connection string of the role clawloops_owner.
 */
export async function resumeEntities({ ownerUrl, temporal }: { readonly ownerUrl: string; readonly temporal: Client }): Promise<Resumed> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await forgetThePresent(client);
    const { rows } = await client.query<Row>(LIVING);
    await endStrangers(temporal, new Set(rows.map(({ id }) => instanceWorkflowId(id))));
    for (let at = 0; at < rows.length; at += STARTS_AT_ONCE) await Promise.all(rows.slice(at, at + STARTS_AT_ONCE).map((row) => startEntity(temporal, row)));
    const providers = await client.query<ProviderVerification>(
      `SELECT tenant_id AS "tenantId", id AS "providerId", revision FROM provider WHERE state = 'verifying'`,
    );
    for (const verification of providers.rows) await startVerification(temporal, verification);
    return { instances: rows.length, openOperations: rows.reduce((sum, { open }) => sum + open.length, 0) };
  } finally {
    await client.end();
  }
}

/** Nobody is connected and nothing is known to answer until it says so. */
async function forgetThePresent(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  await client.query('UPDATE host SET connected = false');
  await client.query(
    `UPDATE instance SET generation = generation + $1, applied_generation = CASE WHEN applied_generation > 0 THEN applied_generation + $1 ELSE 0 END,
       observed_ready = false WHERE destroyed_at IS NULL`,
    [LATER_GENERATION],
  );
  await client.query(
    "UPDATE workload SET generation = generation + $1::integer, document = jsonb_set(document, '{generation}', to_jsonb(generation + $1::integer)), updated_at = now()",
    [LATER_GENERATION],
  );
  await client.query('COMMIT');
}

async function endStrangers(temporal: Client, known: ReadonlySet<string>): Promise<void> {
  const running = temporal.workflow.list({ query: "WorkflowType = 'instanceWorkflow' AND ExecutionStatus = 'Running'" });
  for await (const { workflowId } of running) {
    if (!known.has(workflowId)) await temporal.workflow.getHandle(workflowId).terminate('the restored database does not know this instance');
  }
}

async function startEntity(temporal: Client, row: Row): Promise<void> {
  const { config_hash: configHash, applied_version: version } = row;
  const state = resumedInstance({
    phase: row.intent_phase,
    reason: row.reason,
    message: row.message,
    conditions: row.conditions,
    operationSeq: row.operation_seq,
    workload: row.generation === null || row.desired === null ? null : { generation: row.generation, wanted: row.desired },
    applied: version !== null && configHash !== null ? { version, configHash } : null,
    restarts: row.observed_restarts,
    open: row.open,
    ended: row.ended,
  });
  await temporal.workflow.start<typeof instanceWorkflow>('instanceWorkflow', {
    workflowId: instanceWorkflowId(row.id),
    taskQueue: TaskQueue.core,
    args: [{ tenantId: row.tenant_id, instanceId: row.id, state }],
    workflowTaskTimeout: '5 seconds',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
}

async function startVerification(temporal: Client, verification: ProviderVerification): Promise<void> {
  await temporal.workflow.start<typeof providerVerifyWorkflow>('providerVerifyWorkflow', {
    workflowId: providerVerifyWorkflowId(verification.providerId, verification.revision),
    taskQueue: TaskQueue.core,
    args: [verification],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
}

/** `node activities/resume-entities.ts`: the step after the database of a platform was restored by other means. */
if (import.meta.main) {
  const { DATABASE_URL_OWNER, TEMPORAL_ADDRESS = '127.0.0.1:7233', TEMPORAL_NAMESPACE = 'default', CLAWLOOPS_KEY_FILE } = process.env;
  if (!DATABASE_URL_OWNER || !CLAWLOOPS_KEY_FILE) {
    console.error('set DATABASE_URL_OWNER, CLAWLOOPS_KEY_FILE and TEMPORAL_ADDRESS');
    process.exit(1);
  }
  const pool = new pg.Pool({ connectionString: DATABASE_URL_OWNER, max: 1 });
  const keyRing = dataKeysOf(readKeyRing(CLAWLOOPS_KEY_FILE), pool);
  const temporal = createTemporalClient({ address: TEMPORAL_ADDRESS, namespace: TEMPORAL_NAMESPACE, keyRing });
  console.log(JSON.stringify(await resumeEntities({ ownerUrl: DATABASE_URL_OWNER, temporal })));
  await temporal.connection.close();
  await pool.end();
}
