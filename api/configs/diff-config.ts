import type pg from 'pg';
import { type ConfigChange, differences, type Lines, linesOf } from '../../activities/adapters/config/diff.ts';
import { effectiveConfig } from '../../activities/adapters/config/effective.ts';
import { layersOf, readLayers } from '../../prisma/config-layers.ts';
import type { ConfigLayer } from '../../workflows/contracts/config.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { InstanceConfig, InstanceSpec } from '../../workflows/contracts/instance.ts';
import { getConfig, getVersion } from './config-queries.ts';
import type { ClawTypes } from './ports.ts';

interface Diff {
  readonly from: string;
  readonly to: string;
  readonly changes: ConfigChange[];
}

interface Wanted {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly instance?: string | undefined;
}

/** What differs between two versions, or what one would change for an instance. Throws NOT_FOUND, and for an instance what its new settings are refused for. */
export async function diffConfig(sql: pg.ClientBase, types: ClawTypes, id: string, wanted: Wanted): Promise<Diff> {
  const config = await getConfig(sql, id);
  const to = wanted.to ?? config.latest;
  const target = await getVersion(sql, id, to);
  if (wanted.instance !== undefined) return diffInstance(sql, types, wanted.instance, { id, name: config.name, version: to });
  const from = wanted.from ?? to - 1;
  const base: Lines = from === 0 ? new Map() : linesOf((await getVersion(sql, id, from)).document);
  return { from: from === 0 ? 'nothing' : `${config.name} ${from}`, to: `${config.name} ${to}`, changes: differences(base, linesOf(target.document)) };
}

async function diffInstance(sql: pg.ClientBase, types: ClawTypes, instance: string, pin: { id: string; name: string; version: number }): Promise<Diff> {
  const { rows } = await sql.query<{ name: string; spec: InstanceSpec }>('SELECT name, spec FROM instance WHERE id = $1', [instance]);
  if (!rows[0])
    throw new Failure('NOT_FOUND', 'There is no such instance.', { errors: [{ path: '/query/instance', message: 'is not an instance of this tenant' }] });
  const { name, spec } = rows[0];
  const adapter = await types.find(sql, spec.type);
  const present = await layersOf(sql, spec.config);
  const [wanted] = await readLayers(sql, [{ config: pin.id, version: pin.version }]);
  if (!wanted) throw new Failure('NOT_FOUND', `There is no version ${pin.version} of this config.`);
  const isPinned = present.some(({ config }) => config === pin.id);
  const layers = isPinned ? present.map((layer) => (layer.config === pin.id ? wanted : layer)) : [...present, wanted];
  const lines = (config: InstanceConfig, of: readonly ConfigLayer[]): Lines =>
    new Map(effectiveConfig(adapter, spec.version, config, of).provenance.map(({ key, value }) => [key, value]));
  return { from: name, to: `${name} with ${pin.name} ${pin.version}`, changes: differences(lines(spec.config, present), lines(spec.config, layers)) };
}
