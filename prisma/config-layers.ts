import type pg from 'pg';
import type { ConfigLayer, ConfigPin, ConfigVersionState } from '../workflows/contracts/config.ts';
import { Failure } from '../workflows/contracts/failures.ts';
import type { InstanceConfig } from '../workflows/contracts/instance.ts';

/** A pinned version with what decides whether it may be pinned. `current`: of its config. */
export interface PinnedLayer extends ConfigLayer {
  readonly type: string;
  readonly state: ConfigVersionState;
  readonly current: number | null;
}

/** A pin that may leave the version open, which then is the current one. */
export type LoosePin = Pick<ConfigPin, 'config'> & { readonly version?: number | undefined };

/** The versions that pins name, in their order; without those that the tenant as which `sql` runs does not have. */
export async function readLayers(sql: pg.ClientBase, pins: readonly LoosePin[]): Promise<readonly PinnedLayer[]> {
  if (pins.length === 0) return [];
  const { rows } = await sql.query<PinnedLayer>({ name: 'config-layers', text: 'SELECT * FROM config_layers($1)', values: [JSON.stringify(pins)] });
  return rows;
}

/** Every version that the settings of an instance are made of. Throws INVALID_CONFIG when one of them is gone. */
export async function layersOf(sql: pg.ClientBase, { layers: pins = [] }: Pick<InstanceConfig, 'layers'>): Promise<readonly PinnedLayer[]> {
  const layers = await readLayers(sql, pins);
  const gone = pins.findIndex(({ config, version }) => !layers.some((layer) => layer.config === config && layer.version === version));
  if (gone < 0) return layers;
  const message = `there is no version ${pins[gone]?.version} of the config ${pins[gone]?.config}`;
  throw new Failure('INVALID_CONFIG', `It runs on a config that is gone: ${message}.`, {
    errors: [{ path: `/spec/config/layers/${gone}`, message }],
    nextStep: 'Give it other versions with an update.',
  });
}
