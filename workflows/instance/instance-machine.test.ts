import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstanceCommand, InstanceFact } from '../contracts/instance.ts';
import { Limits } from '../contracts/limits.ts';
import { OperationKind } from '../contracts/operation.ts';
import { type InstanceEvent, reduce } from './instance-machine.ts';
import { type InstanceState, newInstance } from './state.ts';

const AT = '2026-11-21T10:00:00.000Z';

function command(seq: number, kind: OperationKind = 'restart'): InstanceCommand {
  return { operationId: `op_${seq}`, seq, kind, generation: seq, params: {} };
}

function fact(seq: number, kind: InstanceFact['kind'] = 'ready'): InstanceFact {
  return { kind, generation: 1, seq, restarts: 0, at: AT, code: null, message: null };
}

function folded(events: readonly InstanceEvent[], state: InstanceState = newInstance()): InstanceState {
  return events.reduce(reduce, state);
}

const received = (seq: number, kind?: OperationKind): InstanceEvent => ({ type: 'command-received', command: command(seq, kind) });
const taken: InstanceEvent = { type: 'command-taken' };
const began = (seq: number, kind: OperationKind = 'restart'): InstanceEvent => ({
  type: 'operation-began',
  command: command(seq, kind),
  generation: seq,
  phase: 'Starting',
  at: AT,
});

describe('commands', () => {
  test('are taken in the order of their numbers, however they arrive', () => {
    const state = folded([received(3), received(1), received(2)]);
    expect(state.queue.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('that were seen are dropped: while they wait, while they run and after they were taken', () => {
    const waiting = folded([received(1), received(1)]);
    expect(waiting.queue).toHaveLength(1);
    const processed = folded([taken, began(1), received(1), { type: 'operation-closed' }, received(1)], waiting);
    expect(processed.queue).toHaveLength(0);
  });

  test('any mix of repeats and reorderings is taken exactly once each, lowest number first', () => {
    const deliveries = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 })
      .chain((seqs) => fc.tuple(fc.constant(seqs), fc.array(fc.constantFrom(...seqs), { maxLength: 80 })));
    fc.assert(
      fc.property(deliveries, ([seqs, repeats]) => {
        let state = folded([...seqs, ...repeats].map((seq) => received(seq)));
        const order: number[] = [];
        while (state.queue[0]) {
          order.push(state.queue[0].seq);
          state = folded([taken, ...repeats.map((seq) => received(seq))], state);
        }
        expect(order).toEqual([...seqs].sort((a, b) => a - b));
      }),
    );
  });

  test('older than the ring of processed ones are dropped even when the ring has forgotten them', () => {
    const state = folded(Array.from({ length: Limits.processedOperations + 1 }, (_, index) => [received(index + 1), taken]).flat());
    expect(state.processed).not.toContain('op_1');
    expect(folded([received(1)], state).queue).toHaveLength(0);
    expect(state.processed).toHaveLength(Limits.processedOperations);
  });

  test('that were withdrawn while they waited do not come back', () => {
    const state = folded([received(1), { type: 'command-withdrawn', operationId: 'op_1' }, received(1)]);
    expect(state.queue).toEqual([expect.objectContaining({ operationId: 'op_1', withdrawn: true })]);
  });

  test('that were withdrawn while they waited begin only to be undone', () => {
    const state = folded([received(1), { type: 'command-withdrawn', operationId: 'op_1' }]);
    const [command] = state.queue;
    if (!command) throw new Error('it is gone');
    const begun = folded([taken, { type: 'operation-began', command, generation: 1, phase: 'Creating', at: AT }], state);
    expect(begun.operation).toMatchObject({ interruption: { by: 'cancel' }, command: { operationId: 'op_1' } });
    expect(begun.operation?.command).not.toHaveProperty('withdrawn');
  });
});

describe('pre-emption', () => {
  test.each([['kill'], ['destroy']] as const)('%s interrupts what runs', (kind) => {
    const state = folded([began(1), received(2, kind)]);
    expect(state.operation?.interruption).toEqual({ by: 'preempted', operationId: 'op_2' });
  });

  test('a kill that waits behind another command interrupts that one as soon as it begins', () => {
    const state = folded([received(2, 'stop'), received(3, 'kill'), taken, began(2, 'stop')]);
    expect(state.operation?.interruption).toEqual({ by: 'preempted', operationId: 'op_3' });
  });

  test('a retry replaces a create and leaves other operations alone', () => {
    expect(folded([began(1, 'create'), received(2, 'retry')]).operation?.interruption).not.toBeNull();
    expect(folded([began(1, 'update'), received(2, 'retry')]).operation?.interruption).toBeNull();
  });

  test('nothing interrupts a destroy', () => {
    const state = folded([began(1, 'destroy'), received(2, 'kill'), received(3, 'destroy')]);
    expect(state.operation?.interruption).toBeNull();
  });

  test('takes precedence over a cancel that came first', () => {
    const state = folded([began(1), { type: 'interrupted', interruption: { by: 'cancel' } }, received(2, 'destroy')]);
    expect(state.operation?.interruption?.by).toBe('preempted');
  });
});

describe('facts', () => {
  test('an older or repeated fact changes nothing', () => {
    const state = folded([{ type: 'fact-received', fact: fact(5) }]);
    expect(
      folded(
        [
          { type: 'fact-received', fact: fact(4) },
          { type: 'fact-received', fact: fact(5) },
        ],
        state,
      ),
    ).toEqual(state);
  });

  test('wait for an idle entity, and are the business of the operation while one runs', () => {
    expect(folded([{ type: 'fact-received', fact: fact(1) }]).facts).toHaveLength(1);
    expect(folded([began(1), { type: 'fact-received', fact: fact(1) }]).facts).toHaveLength(0);
  });

  test('the last word of the runtime is judged again when an operation closes', () => {
    const state = folded([began(1), { type: 'fact-received', fact: fact(7, 'stopped') }, { type: 'operation-closed' }]);
    expect(state.facts).toEqual([fact(7, 'stopped')]);
  });

  test('never pile up without bound', () => {
    const state = folded(Array.from({ length: 500 }, (_, seq) => ({ type: 'fact-received', fact: fact(seq, 'exited') }) as const));
    expect(state.facts.length).toBeLessThanOrEqual(32);
    expect(state.newest?.seq).toBe(499);
  });
});

describe('steps', () => {
  const planned: InstanceEvent = {
    type: 'operation-planned',
    steps: [
      { name: 'reserve', skip: false },
      { name: 'issue-model-key', skip: true },
    ],
    maxAttempts: 8,
    at: AT,
  };
  const error = { code: 'IMAGE_PULL_FAILED', message: 'm', nextStep: 'n' } as const;

  test('show attempt, error and the time of the next attempt while they wait', () => {
    const { operation } = folded([
      began(1),
      planned,
      { type: 'step-began', name: 'reserve', attempt: 2, at: AT },
      { type: 'step-waits', name: 'reserve', error, nextAttemptAt: AT },
    ]);
    expect(operation).toMatchObject({
      state: 'retrying',
      steps: [{ state: 'retrying', attempt: 2, maxAttempts: 8, nextAttemptAt: AT, error }, { state: 'skipped' }],
    });
  });

  test('retry now counts only while something waits and is used up by the next attempt', () => {
    const running = folded([began(1), planned, { type: 'step-began', name: 'reserve', attempt: 1, at: AT }, { type: 'retry-now-asked' }]);
    expect(running.operation?.retryNow).toBe(false);
    const waiting = folded([{ type: 'step-waits', name: 'reserve', error, nextAttemptAt: AT }, { type: 'retry-now-asked' }], running);
    expect(waiting.operation?.retryNow).toBe(true);
    expect(folded([{ type: 'step-began', name: 'reserve', attempt: 2, at: AT }], waiting).operation?.retryNow).toBe(false);
  });

  test('that never began are skipped when the operation ends, and a compensation may repeat a name', () => {
    const state = folded([
      began(1, 'destroy'),
      planned,
      { type: 'step-began', name: 'reserve', attempt: 1, at: AT },
      { type: 'step-ended', name: 'reserve', state: 'failed', error, at: AT },
      { type: 'compensation-planned', steps: ['reserve'], maxAttempts: 3 },
      { type: 'step-began', name: 'reserve', attempt: 1, at: AT },
      { type: 'step-ended', name: 'reserve', state: 'succeeded', error: null, at: AT },
    ]);
    expect(state.operation?.steps.map(({ name, state: is }) => [name, is])).toEqual([
      ['reserve', 'failed'],
      ['issue-model-key', 'skipped'],
      ['reserve', 'succeeded'],
    ]);
  });

  test('an operation that has ended is not changed by what still arrives', () => {
    const ended = folded([began(1), planned, { type: 'operation-ended', state: 'failed', error, phase: 'Failed', settlesOn: null, at: AT }]);
    expect(
      folded(
        [{ type: 'step-began', name: 'reserve', attempt: 9, at: AT }, { type: 'retry-now-asked' }, { type: 'interrupted', interruption: { by: 'cancel' } }],
        ended,
      ),
    ).toEqual(ended);
  });
});

const anyEvent: fc.Arbitrary<InstanceEvent> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom(...Object.values(OperationKind))).map(([seq, kind]) => received(seq, kind)),
  fc
    .tuple(fc.nat(200), fc.constantFrom<InstanceFact['kind']>('exited', 'ready', 'stopped', 'removed', 'blocked'))
    .map(([seq, kind]): InstanceEvent => ({ type: 'fact-received', fact: fact(seq, kind) })),
  fc.constant(taken),
  fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom(...Object.values(OperationKind))).map(([seq, kind]) => began(seq, kind)),
  fc.constant<InstanceEvent>({ type: 'operation-closed' }),
  fc.constant<InstanceEvent>({ type: 'retry-now-asked' }),
  fc.constant<InstanceEvent>({ type: 'operation-ended', state: 'succeeded', error: null, phase: 'Running', settlesOn: null, at: AT }),
);

test('whatever happens, the state stays plain JSON, its queue ordered and its rings bounded, and numbers never fall', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 150 }), (events) => {
      let state = newInstance();
      for (const event of events) {
        const next = reduce(state, event);
        expect(next.highestSeq).toBeGreaterThanOrEqual(state.highestSeq);
        expect(next.newest?.seq ?? -1).toBeGreaterThanOrEqual(state.newest?.seq ?? -1);
        expect(next.queue.map(({ seq }) => seq)).toEqual(next.queue.map(({ seq }) => seq).sort((a, b) => a - b));
        expect(next.processed.length).toBeLessThanOrEqual(Limits.processedOperations);
        state = next;
      }
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
});
