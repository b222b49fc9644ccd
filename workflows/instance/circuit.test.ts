import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InstanceFact } from '../contracts/instance.ts';
import { Limits } from '../contracts/limits.ts';
import { decideRepair } from './circuit.ts';
import { type InstanceState, newInstance } from './state.ts';

const RUNNING: InstanceState = { ...newInstance(), phase: 'Running', workload: { generation: 3, wanted: 'running' } };
const NOW = Date.UTC(2026, 10, 21);

function fact(kind: InstanceFact['kind'], over: Partial<InstanceFact> = {}): InstanceFact {
  return { kind, generation: 3, seq: 1, restarts: 0, at: '', code: null, message: null, ...over };
}

/** Judges facts one after another and answers the last decision. */
function judge(state: InstanceState, facts: readonly { readonly fact: InstanceFact; readonly at: number }[]) {
  return facts.reduce(
    (decision, { fact: next, at }) => decideRepair({ ...state, repairs: decision.repairs, countedRestarts: decision.countedRestarts }, next, at),
    decideRepair(state, fact('ready'), NOW),
  );
}

test('the fifth exit within the window opens the circuit, the fourth does not', () => {
  const exits = [0, 1, 2, 3, 4].map((restarts) => ({ fact: fact('exited', { restarts }), at: NOW + restarts * 1000 }));
  expect(judge(RUNNING, exits.slice(0, 4)).repair).toBe('none');
  expect(judge(RUNNING, exits).repair).toBe('open-circuit');
});

test('an exit reported again is counted once', () => {
  const same = Array.from({ length: 20 }, () => ({ fact: fact('exited', { restarts: 7 }), at: NOW }));
  expect(judge(RUNNING, same)).toMatchObject({ repair: 'none', repairs: [NOW] });
});

test('exits further apart than the window never open the circuit', () => {
  const gaps = fc.array(fc.integer({ min: Math.ceil((Limits.circuitWindowSeconds * 1000) / (Limits.circuitRepairs - 1)) + 1, max: 10_000_000 }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(gaps, (waits) => {
      const exits = waits.map((_wait, restarts) => ({
        fact: fact('exited', { restarts }),
        at: waits.slice(0, restarts + 1).reduce((sum, wait) => sum + wait, NOW),
      }));
      expect(judge(RUNNING, exits).repair).toBe('none');
    }),
  );
});

test.each([['lost'], ['stopped'], ['removed'], ['drifted']] as const)('a %s workload that should run is told again', (kind) => {
  expect(decideRepair(RUNNING, fact(kind), NOW).repair).toBe('reapply');
});

test('repairs that do not help open the circuit too', () => {
  const lost = Array.from({ length: Limits.circuitRepairs }, (_, index) => ({ fact: fact('lost', { seq: index }), at: NOW + index }));
  expect(judge(RUNNING, lost).repair).toBe('open-circuit');
});

test('facts of an older generation and of a claw that should not run ask for nothing', () => {
  expect(decideRepair(RUNNING, fact('exited', { generation: 2 }), NOW).repair).toBe('none');
  expect(decideRepair({ ...RUNNING, workload: { generation: 3, wanted: 'stopped' } }, fact('removed'), NOW).repair).toBe('none');
});

test('a failed phase settles on the fact it waits for and on no other', () => {
  const failed: InstanceState = { ...RUNNING, phase: 'Failed', settlesOn: 'ready' };
  expect(decideRepair(failed, fact('ready'), NOW).repair).toBe('settle-running');
  expect(decideRepair({ ...failed, settlesOn: null }, fact('ready'), NOW).repair).toBe('none');
  expect(decideRepair({ ...failed, settlesOn: 'stopped' }, fact('stopped'), NOW).repair).toBe('settle-stopped');
});
