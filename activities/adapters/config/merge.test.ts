import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG_LEVELS, type ConfigLayer, type ConfigLevel } from '../../../workflows/contracts/config.ts';
import { isFailure } from '../../../workflows/contracts/failures.ts';
import { withValue } from '../overrides.ts';
import { inOrder, mergeLayers, overlay } from './merge.ts';
import { leavesOf, touches } from './paths.ts';

// No key is the beginning of another, as in the settings of a claw: what is a group is a group in every layer.
const KEYS = ['model.name', 'model.fallbacks', 'agent.name', 'channels.telegram.enabled', 'channels.telegram.allowFrom', 'logging.level'];

const settings = fc
  .dictionary(fc.constantFrom(...KEYS), fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string(), { maxLength: 2 })))
  .map((flat) => Object.entries(flat).reduce<Record<string, unknown>>((nested, [key, value]) => withValue(nested, key.split('.'), value), {}));

const layer = fc
  .record({ level: fc.constantFrom<ConfigLevel>(...CONFIG_LEVELS), settings, locks: fc.subarray([...KEYS, 'model', 'channels']) })
  .map(({ level, settings: set, locks }): ConfigLayer => {
    return { config: 'cfg_x', version: 1, name: 'x', level, document: { settings: set, locks, variables: [] } };
  });

/** What two layers say at a key, or undefined. */
function merged(layers: readonly ConfigLayer[]) {
  const { leaves } = mergeLayers(layers);
  return new Map(leaves.map(({ path, value }) => [path.join('.'), value]));
}

function attempt(layers: readonly ConfigLayer[]) {
  try {
    return merged(layers);
  } catch (error) {
    if (isFailure(error) && error.code === 'CONFIG_LOCKED') return null;
    throw error;
  }
}

describe('merging levels', () => {
  test('the grouping in which layers are merged does not matter', () => {
    fc.assert(
      fc.property(settings, settings, settings, (a, b, c) => {
        expect(overlay(overlay(a, b), c)).toEqual(overlay(a, overlay(b, c)));
      }),
    );
  });

  test('nothing added changes nothing, and the same twice is the same once', () => {
    fc.assert(
      fc.property(settings, (a) => {
        expect(overlay(a, {})).toEqual(a);
        expect(overlay({}, a)).toEqual(a);
        expect(overlay(a, a)).toEqual(a);
      }),
    );
  });

  test('the narrowest layer that sets a key decides, in whatever order layers were pinned', () => {
    const open = layer.map((one): ConfigLayer => ({ ...one, document: { ...one.document, locks: [] } }));
    const ofEachLevel = fc.uniqueArray(open, { selector: ({ level }) => level });
    fc.assert(
      fc.property(ofEachLevel, (layers) => {
        const result = merged(layers);
        expect(merged([...layers].reverse())).toEqual(result);
        for (const key of KEYS) {
          const set = inOrder(layers).findLast(({ document }) => leavesOf(document.settings).some(({ path }) => path.join('.') === key));
          const value = set && leavesOf(set.document.settings).find(({ path }) => path.join('.') === key)?.value;
          expect(result.get(key)).toEqual(value);
        }
      }),
    );
  });

  test('a locked path never moves: what is narrower leaves it alone or is refused', () => {
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
        const ordered = inOrder(layers);
        const all = attempt(layers);
        if (all === null) return;
        for (const locking of ordered) {
          const rank = CONFIG_LEVELS.indexOf(locking.level);
          const upTo = merged(ordered.filter(({ level }) => CONFIG_LEVELS.indexOf(level) <= rank));
          for (const key of KEYS.filter((one) => locking.document.locks.some((lock) => touches(lock, one)))) expect(all.get(key)).toEqual(upTo.get(key));
        }
      }),
    );
  });

  test('a layer that sets what a wider one locks is always refused', () => {
    fc.assert(
      fc.property(layer, layer, fc.constantFrom(...KEYS), (wide, narrow, key) => {
        const above: ConfigLayer = { ...wide, level: 'tenant', document: { ...wide.document, locks: [key] } };
        const below: ConfigLayer = { ...narrow, level: 'template', document: { ...narrow.document, settings: withValue({}, key.split('.'), 1) } };
        expect(attempt([below, above])).toBeNull();
      }),
    );
  });
});
