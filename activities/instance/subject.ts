import type pg from 'pg';
import { layersOf } from '../../prisma/config-layers.ts';
import type { ClawTypeManifest } from '../../workflows/contracts/claw-type.ts';
import type { ConfigLayer } from '../../workflows/contracts/config.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';
import { DEMO_MODEL } from '../../workflows/contracts/model.ts';
import { cpuMillis, quantityBytes } from '../../workflows/contracts/quantities.ts';
import type { ClawAdapter, ModelChoice, Rendered } from '../adapters/adapter.ts';
import { unifiedConfig } from '../adapters/config/resolve.ts';
import type { WorkloadRef } from '../runtime/driver.ts';
import type { InstanceDeps } from './ports.ts';

/** One instance as its activities see it: desired state, place, adapter and the models it may call. */
export interface Subject {
  readonly ref: WorkloadRef;
  readonly projectId: string;
  readonly name: string;
  readonly slug: string;
  readonly spec: InstanceSpec;
  /** The versions of configs that it runs on. */
  readonly layers: readonly ConfigLayer[];
  readonly adapter: ClawAdapter;
  readonly resources: { readonly cpuMillis: number; readonly memoryBytes: number };
  /** Null when no slot is held or the host has not introduced itself yet. */
  readonly place: { readonly slot: number; readonly ports: Readonly<Record<string, number>> } | null;
  readonly hostConnected: boolean;
  readonly models: readonly ModelChoice[];
}

interface Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly slug: string;
  readonly host_id: string;
  readonly spec: InstanceSpec;
  readonly slot: number | null;
  readonly info: HostInfo | null;
  readonly connected: boolean | null;
  readonly manifest: ClawTypeManifest | null;
  readonly providers: readonly { readonly name: string; readonly models: readonly string[] }[] | null;
}

const SELECT = `SELECT i.id, i.tenant_id, i.project_id, i.name, i.slug, i.host_id, i.spec, s.slot, h.info, h.connected, t.manifest,
    (SELECT json_agg(json_build_object('name', p.name, 'models', p.models) ORDER BY p.name) FROM provider p) AS providers
  FROM instance i
  LEFT JOIN host_slot s ON s.instance_id = i.id AND s.host_id = i.host_id
  LEFT JOIN host h ON h.id = i.host_id
  LEFT JOIN claw_type t ON t.name = i.type
  WHERE i.id = $1`;

/** What is not known of a model is assumed small enough for any. */
const UNKNOWN_MODEL = { contextTokens: 32_768, maxOutputTokens: 4_096 };

/** Loads an instance. Throws NOT_FOUND, UNKNOWN_TYPE. */
export async function loadSubject(deps: InstanceDeps, tenantId: string, instanceId: string): Promise<Subject> {
  const { row, layers } = await deps.database.withTenantSql(tenantId, async (sql) => {
    const found = await selectRow(sql, instanceId);
    if (found === undefined) throw new Failure('NOT_FOUND', 'The instance is gone.');
    return { row: found, layers: await layersOf(sql, found.spec.config) };
  });
  const adapter = deps.registry.builtIn.get(row.spec.type) ?? (row.manifest ? deps.registry.fromManifest(row.manifest) : null);
  if (!adapter) throw new Failure('UNKNOWN_TYPE', `There is no claw type ${row.spec.type}.`);
  return {
    ref: { tenantId: row.tenant_id, hostId: row.host_id, instanceId: row.id },
    projectId: row.project_id,
    name: row.name,
    slug: row.slug,
    spec: row.spec,
    layers,
    adapter,
    resources: resourcesOf(row.spec),
    place: row.slot !== null && row.info ? { slot: row.slot, ports: portsOf(adapter, row.info, row.slot) } : null,
    hostConnected: row.connected === true,
    models: [DEMO_MODEL, ...(row.providers ?? []).flatMap(({ name, models }) => models.map((model) => `${name}/${model}`))].map((id) => ({
      id,
      ...UNKNOWN_MODEL,
    })),
  };
}

async function selectRow(sql: pg.PoolClient, instanceId: string): Promise<Row | undefined> {
  const { rows } = await sql.query<Row>({ name: 'instance-subject', text: SELECT, values: [instanceId] });
  return rows[0];
}

function resourcesOf(spec: InstanceSpec): Subject['resources'] {
  const cpu = cpuMillis(spec.resources.cpu);
  const memoryBytes = quantityBytes(spec.resources.memory);
  if (cpu === null || memoryBytes === null)
    throw new Failure('INVALID_CONFIG', 'The resources of the instance are no quantities.', {
      errors: [{ path: '/spec/resources', message: 'cpu and memory must be quantities such as 500m and 2Gi' }],
    });
  return { cpuMillis: cpu, memoryBytes };
}

function portsOf(adapter: ClawAdapter, info: HostInfo, slot: number): Readonly<Record<string, number>> {
  const { base, perSlot } = info.ports;
  if (adapter.portNames.length > perSlot)
    throw new Failure('CAPACITY_EXCEEDED', `The host gives a claw ${perSlot} ports, this type needs ${adapter.portNames.length}.`);
  return Object.fromEntries(adapter.portNames.map((name, index) => [name, base + slot * perSlot + index]));
}

/** Renders what should run. Throws INVALID_CONFIG, UNKNOWN_VERSION, UNSCHEDULABLE. */
export function renderSubject(deps: InstanceDeps, subject: Subject): Rendered {
  const { adapter, spec, layers, place } = subject;
  if (place === null) throw new Failure('UNSCHEDULABLE', 'No slot of a host is held for the instance.');
  if (!adapter.versions.includes(spec.version))
    throw new Failure('UNKNOWN_VERSION', `${spec.type} has no version ${spec.version}; there are ${adapter.versions.join(', ')}.`);
  const config = unifiedConfig(adapter, spec.version, spec.config, layers);
  return adapter.render(spec.version, config, {
    instance: { id: subject.ref.instanceId, name: subject.name, slug: subject.slug },
    ports: place.ports,
    modelGatewayUrl: deps.modelGatewayUrl,
    models: subject.models,
    memoryBytes: subject.resources.memoryBytes,
  });
}

/** Whether two renderings lead to the same claw, as far as the runtime can tell. */
export function isSameWorkload(
  a: { readonly processHash: string; readonly filesHash: string; readonly resources: Subject['resources']; readonly ports: Readonly<Record<string, number>> },
  b: { readonly processHash: string; readonly filesHash: string; readonly resources: Subject['resources']; readonly ports: Readonly<Record<string, number>> },
): boolean {
  const samePorts = JSON.stringify(Object.entries(a.ports).sort()) === JSON.stringify(Object.entries(b.ports).sort());
  return (
    a.processHash === b.processHash &&
    a.filesHash === b.filesHash &&
    a.resources.cpuMillis === b.resources.cpuMillis &&
    a.resources.memoryBytes === b.resources.memoryBytes &&
    samePorts
  );
}
