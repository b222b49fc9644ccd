import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { unifiedConfig } from '../../activities/adapters/config/resolve.ts';
import type { LoosePin, PinnedLayer } from '../../prisma/config-layers.ts';
import { Failure, type FieldError, isFailure } from '../../workflows/contracts/failures.ts';
import type { ConfigOverride, InstanceConfig, InstanceSpec, Resources } from '../../workflows/contracts/instance.ts';
import { cpuMillis, quantityBytes } from '../../workflows/contracts/quantities.ts';

/** What of a spec a person may set or change. */
export interface SpecWish {
  readonly version?: string | undefined;
  readonly resources?: Partial<Resources> | undefined;
  readonly config?:
    | {
        readonly overrides?: readonly ConfigOverride[] | undefined;
        readonly layers?: readonly LoosePin[] | undefined;
        readonly variables?: Readonly<Record<string, unknown>> | undefined;
      }
    | undefined;
}

/** Amounts that a host promises to an instance. */
export interface Amounts {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

/** The newest version is the default: adapters list them newest first. */
export function defaultVersion(adapter: ClawAdapter): string {
  const newest = adapter.versions[0];
  if (newest === undefined) throw new Failure('UNKNOWN_VERSION', `The type ${adapter.type} has no versions.`);
  return newest;
}

/**
 * The spec that a wish makes out of the present one, or of the defaults. `layers`: what it runs on, as the wish was resolved. Throws UNKNOWN_VERSION, INVALID_CONFIG,
 * CONFIG_LOCKED or VALIDATION_FAILED with pointers into the request, whose fields stand below `base`. Nothing is written before it has passed.
 */
export function resolveSpec(
  adapter: ClawAdapter,
  wish: SpecWish,
  present: InstanceSpec | null,
  hostId: string,
  layers: readonly PinnedLayer[],
  base = '',
): InstanceSpec {
  const version = wish.version ?? present?.version ?? defaultVersion(adapter);
  if (!adapter.versions.includes(version)) {
    const message = `Known versions of ${adapter.type}: ${adapter.versions.join(', ')}.`;
    throw new Failure('UNKNOWN_VERSION', `${adapter.type} ${version} is not known. ${message}`, {
      errors: [{ path: `${base}/version`, message }],
      allowed: adapter.versions,
    });
  }
  const resources = { ...adapter.defaultResources, ...present?.resources, ...withoutUndefined(wish.resources) };
  amountsOf(resources, base);
  const config = configOf(wish, present, layers);
  checkConfig(adapter, version, config, layers, base);
  return { type: adapter.type, version, replicas: 1, placement: { driver: 'host', hostId }, resources, config };
}

function configOf({ config: wish = {} }: SpecWish, present: InstanceSpec | null, layers: readonly PinnedLayer[]): InstanceConfig {
  const variables = wish.variables ?? present?.config.variables ?? {};
  return {
    overrides: wish.overrides ?? present?.config.overrides ?? [],
    ...(layers.length > 0 ? { layers: layers.map(({ config, version }) => ({ config, version })) } : {}),
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
  };
}

/** Numbers of the quantities. Throws VALIDATION_FAILED for zero or more than a machine can have. */
export function amountsOf(resources: Resources, base = ''): Amounts {
  const cpu = cpuMillis(resources.cpu);
  const memory = quantityBytes(resources.memory);
  const storage = quantityBytes(resources.storage);
  const errors: FieldError[] = [];
  if (cpu === null || cpu < 1 || cpu > MAX_CPU_MILLIS) errors.push({ path: `${base}/resources/cpu`, message: 'must be between 1m and 1000' });
  if (memory === null || memory < MIN_MEMORY_BYTES) errors.push({ path: `${base}/resources/memory`, message: 'must be at least 16Mi' });
  if (storage === null || storage < 1) errors.push({ path: `${base}/resources/storage`, message: 'must be more than nothing' });
  if (cpu === null || memory === null || errors.length > 0) throw new Failure('VALIDATION_FAILED', 'The resources are not possible.', { errors });
  return { cpuMillis: cpu, memoryBytes: memory };
}

const MAX_CPU_MILLIS = 1_000_000;
const MIN_MEMORY_BYTES = 16 * 2 ** 20;

/** Adapters point into the spec; callers sent something smaller. */
function checkConfig(adapter: ClawAdapter, version: string, config: InstanceConfig, layers: readonly PinnedLayer[], base: string): void {
  try {
    unifiedConfig(adapter, version, config, layers);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const errors = (error.details.errors ?? []).map(({ path, message }) => ({ path: path.replace(/^\/spec/, base), message }));
    throw new Failure(error.code, error.message, { ...error.details, errors });
  }
}

function withoutUndefined<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== undefined)) as Partial<T>;
}
