import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { mergeLayers } from '../../activities/adapters/config/merge.ts';
import { isSecretReference } from '../../activities/adapters/config/paths.ts';
import { unifiedConfig } from '../../activities/adapters/config/resolve.ts';
import { fillVariables } from '../../activities/adapters/config/variables.ts';
import { layersOf, type PinnedLayer } from '../../prisma/config-layers.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';
import { Action, abilityOf } from '../http/authorize.ts';
import { configSecretPolicy } from '../http/config-secret.policy.ts';
import type { Actor } from '../http/request-context.ts';

/** Settings that somebody wants an instance to have. */
export interface Wanted {
  readonly spec: Pick<InstanceSpec, 'version' | 'config'>;
  readonly layers: readonly PinnedLayer[];
  /** What it has; null for a new one. */
  readonly before: Pick<InstanceSpec, 'version' | 'config'> | null;
  /** Whether who asks may name every stored secret of the tenant. */
  readonly mayUse: boolean;
}

/** Whether somebody may have any claw use any stored secret: a right in single projects, or on a claw of one's own, does not give that. */
export function mayUseSecrets(actor: Actor): boolean {
  return abilityOf(actor, [configSecretPolicy]).can(Action.use, configSecretPolicy.subject);
}

/**
 * Throws INVALID_CONFIG when settings name a secret that nobody stored. Whoever may not use every one leaves those that the instance has, takes those
 * that a level gives to all its claws, and is told of every other one that it is not there: the names tell what others work with.
 */
export async function assertSecrets(sql: pg.ClientBase, adapter: ClawAdapter, { spec, layers, before, mayUse }: Wanted, base = ''): Promise<void> {
  const named = adapter.secretsIn(unifiedConfig(adapter, spec.version, spec.config, layers));
  if (named.length === 0) return;
  const usable = mayUse ? await storedSecrets(sql, named) : [...givenByLevels(layers), ...(await secretsOf(sql, adapter, before))];
  const refused = named.filter((name) => !usable.includes(name));
  if (refused.length === 0) return;
  const errors = refused.map((name) => ({ path: `${base}/config`, message: `there is no stored secret ${name} that you may use` }));
  throw new Failure('INVALID_CONFIG', `The settings name what is not stored, or not for you: ${refused.join(', ')}.`, {
    errors,
    nextStep: `An operator of the tenant stores it with PUT /config-secrets/${refused[0]} and lets the claw use it.`,
  });
}

async function storedSecrets(sql: pg.ClientBase, names: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM config_secret WHERE name = ANY($1)', [names]);
  return rows.map(({ name }) => name);
}

/** What the levels above templates name themselves, without values that an instance fills in. */
function givenByLevels(layers: readonly PinnedLayer[]): readonly string[] {
  const levels = layers.filter(({ level }) => level !== 'template');
  const filled = levels.map((layer) => ({ ...layer, document: { ...layer.document, settings: fillVariables(layer.document, {}).settings } }));
  return mergeLayers(filled).leaves.flatMap(({ value }) => (isSecretReference(value) ? [value.secret] : []));
}

async function secretsOf(sql: pg.ClientBase, adapter: ClawAdapter, spec: Wanted['before']): Promise<readonly string[]> {
  if (!spec) return [];
  try {
    return adapter.secretsIn(unifiedConfig(adapter, spec.version, spec.config, await layersOf(sql, spec.config)));
  } catch (error) {
    // Settings that its version does not take any more are what the change may be there to repair.
    if (isFailure(error)) return [];
    throw error;
  }
}
