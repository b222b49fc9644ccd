import type pg from 'pg';
import { type LoosePin, layersOf, type PinnedLayer, readLayers } from '../../prisma/config-layers.ts';
import { Failure, type FieldError } from '../../workflows/contracts/failures.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';

/** Where an instance stands, which decides what it may run on. */
interface Place {
  readonly type: string;
  readonly projectId: string;
}

/**
 * What a new instance runs on: the current versions of the levels that apply to it, and the templates it asks for. `base`: where the
 * request holds the spec. Throws VALIDATION_FAILED.
 */
export async function startingLayers(sql: pg.ClientBase, place: Place, wanted: readonly LoosePin[] = []): Promise<readonly PinnedLayer[]> {
  const standing = await standingPins(sql, place);
  const templates = await pinnable(sql, place.type, wanted, standing, '');
  const levels = templates.flatMap(({ level }, index): FieldError[] =>
    level === 'template' ? [] : [{ path: `/config/layers/${index}/config`, message: `is of the level ${level}, which a new instance takes by itself` }],
  );
  refuse(levels);
  return [...(await readLayers(sql, standing)), ...templates];
}

/**
 * What a changed instance runs on. Named templates take the place of those it had; of a level above, which nobody can leave, only its current
 * version can be taken. Without `wanted` everything stays. Throws VALIDATION_FAILED.
 */
export async function changedLayers(
  sql: pg.ClientBase,
  { projectId, spec: { type, config } }: { readonly projectId: string; readonly spec: Pick<InstanceSpec, 'type' | 'config'> },
  wanted: readonly LoosePin[] | undefined,
  base = '',
): Promise<readonly PinnedLayer[]> {
  const present = await layersOf(sql, config);
  if (wanted === undefined) return present;
  const named = await pinnable(sql, type, wanted, [...(await standingPins(sql, { type, projectId })), ...present], base);
  const older = named.flatMap(({ level, name, version, current, config: id }, index): FieldError[] => {
    if (level === 'template' || version === current || present.some((layer) => layer.config === id && layer.version === version)) return [];
    return [{ path: `${base}/config/layers/${index}/version`, message: `${name} stands at version ${current}; a rollout moves instances to another one` }];
  });
  refuse(older);
  const kept = present.filter(({ level, config: id }) => level !== 'template' && !named.some((layer) => layer.config === id));
  return [...kept, ...named];
}

/** The current versions of the levels above templates that apply to what stands there. */
async function standingPins(sql: pg.ClientBase, { type, projectId }: Place): Promise<readonly LoosePin[]> {
  const { rows } = await sql.query<LoosePin>('SELECT config, version FROM standing_configs($1, $2)', [projectId, type]);
  return rows;
}

/**
 * The named versions. Throws unless each is there, is published and is for this type. Of the levels above templates only those in `reached` are
 * there: a level of another project is none of this instance's, and nothing is said of it.
 */
async function pinnable(
  sql: pg.ClientBase,
  type: string,
  wanted: readonly LoosePin[],
  reached: readonly LoosePin[],
  base: string,
): Promise<readonly PinnedLayer[]> {
  const found = await readLayers(sql, wanted);
  const layers = found.filter(({ level, config }) => level === 'template' || reached.some((pin) => pin.config === config));
  const errors = wanted.flatMap(({ config, version }, index): FieldError[] => {
    const path = `${base}/config/layers/${index}`;
    const layer = layers.find((one) => one.config === config && (version === undefined || one.version === version));
    if (!layer) return [{ path, message: version === undefined ? 'is no config with a published version' : `is no config with a version ${version}` }];
    if (layer.state !== 'published') return [{ path: `${path}/version`, message: `version ${layer.version} of ${layer.name} is a draft: publish it first` }];
    return layer.type === type ? [] : [{ path: `${path}/config`, message: `${layer.name} is for claws of the type ${layer.type}` }];
  });
  refuse(errors);
  return layers;
}

function refuse(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (!first) return;
  throw new Failure('VALIDATION_FAILED', errors.length === 1 ? `The config ${first.message}.` : 'Some configs cannot be taken.', {
    errors,
    nextStep: 'See GET /configs for what there is.',
  });
}
