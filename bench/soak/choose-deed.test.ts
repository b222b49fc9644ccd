import { expect, it } from 'vitest';
import { LEGAL_OPERATIONS, type Phase } from '../../workflows/contracts/instance.ts';
import { chooseDeed, type Deed, type SeenClaw, type Sight } from './choose-deed.ts';
import { seededRandom } from './random.ts';

const claw = (id: string, more: Partial<SeenClaw> = {}): SeenClaw => ({ id, type: 'echo', phase: 'Running', busy: false, hopeless: false, ...more });
const sight = (more: Partial<Sight>): Sight => ({ claws: [], operations: [], wanted: 0, ...more });

function choices(seen: Sight, count = 2_000): Deed[] {
  const random = seededRandom(11);
  return Array.from({ length: count }, () => chooseDeed(random, seen)).filter((deed) => deed !== null);
}

const kinds = (deeds: readonly Deed[]) => new Set(deeds.map((deed) => deed.do));

it('creates light claws until there are enough, and none after that', () => {
  expect(kinds(choices(sight({ wanted: 1 })))).toEqual(new Set(['create']));
  expect(kinds(choices(sight({ wanted: 1, claws: [claw('a')] })))).not.toContain('create');
  expect(kinds(choices(sight({ wanted: 1, claws: [claw('a', { type: 'openclaw' })] })))).toContain('create');
});

it('does everything that may be done with a running claw', () => {
  expect(kinds(choices(sight({ claws: [claw('a')] })))).toEqual(
    new Set(['stop', 'restart', 'kill', 'update', 'rotate-key', 'destroy', 'chat', 'start', 'retry']),
  );
});

it('asks mostly for what is legal and now and then for what is not', () => {
  const phase: Phase = 'Stopped';
  const deeds = choices(sight({ claws: [claw('a', { phase })] }));
  const wrong = deeds.filter((deed) => deed.do === 'chat' || !LEGAL_OPERATIONS[phase].includes(deed.do as 'start'));
  expect(wrong.length).toBeGreaterThan(0);
  expect(wrong.length).toBeLessThan(deeds.length * 0.1);
});

it('never destroys the real claw', () => {
  expect(kinds(choices(sight({ claws: [claw('a', { type: 'openclaw' })] })))).not.toContain('destroy');
});

it('leaves busy claws alone most of the time', () => {
  const deeds = choices(sight({ claws: [claw('busy', { busy: true }), claw('idle')] }));
  const onBusy = deeds.filter((deed) => 'claw' in deed && deed.claw === 'busy');
  expect(onBusy.length).toBeGreaterThan(0);
  expect(onBusy.length).toBeLessThan(deeds.length * 0.2);
  expect(choices(sight({ claws: [claw('busy', { busy: true })] })).length).toBeLessThan(2_000 * 0.2);
});

it('uses only the controls that an operation allows', () => {
  const deeds = choices(
    sight({
      operations: [
        { id: 'waits', allowed: ['retry-now'] },
        { id: 'works', allowed: [] },
      ],
      claws: [claw('a', { busy: true })],
    }),
  );
  const controls = deeds.filter((deed) => 'operation' in deed);
  expect(new Set(controls.map((deed) => `${deed.do} ${'operation' in deed && deed.operation}`))).toEqual(new Set(['retry-now waits']));
});
