import { describe, expect, test } from 'vitest';
import type { InstanceCommand } from '../contracts/instance.ts';
import { OperationKind } from '../contracts/operation.ts';
import { reduce } from './instance-machine.ts';
import { mayBegin } from './legality.ts';
import { phaseDuring } from './plans.ts';
import { type RecordedInstance, resumedInstance } from './resumed.ts';

const command = (kind: OperationKind, seq: number, begun = false): InstanceCommand & { begun: boolean } => ({
  operationId: `op_${seq}`,
  seq,
  kind,
  generation: seq,
  params: {},
  begun,
});

const recorded = (over: Partial<RecordedInstance> = {}): RecordedInstance => ({
  phase: 'Running',
  reason: null,
  message: null,
  conditions: [],
  operationSeq: 3,
  workload: { generation: 7, wanted: 'running' },
  applied: { version: '1', configHash: 'sha256:a' },
  restarts: 2,
  open: [],
  ended: ['op_1', 'op_2', 'op_3'],
  ...over,
});

describe('an entity that is made anew from the database', () => {
  test('rests where the record says and does nothing by itself', () => {
    const state = resumedInstance(recorded());
    expect(state).toMatchObject({ phase: 'Running', queue: [], facts: [], operation: null, highestSeq: 3, workload: { generation: 7, wanted: 'running' } });
  });

  test.each(Object.values(OperationKind))('may begin %s again that had begun when the record was made', (kind) => {
    for (const wanted of ['running', 'stopped'] as const) {
      const state = resumedInstance(
        recorded({ phase: phaseDuring(kind), workload: { generation: 7, wanted }, operationSeq: 4, open: [command(kind, 4, true)] }),
      );
      expect(state.queue.map(({ operationId }) => operationId)).toEqual(['op_4']);
      expect(mayBegin(state.phase, kind)).toBe(true);
    }
  });

  test('begins what waits in the order of acceptance, from the phase before the one that had begun', () => {
    const state = resumedInstance(recorded({ phase: 'Stopping', operationSeq: 5, open: [command('start', 5), command('stop', 4, true)] }));
    expect(state.queue.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(state.phase).toBe('Running');
  });

  test('keeps the recorded phase while nothing of what waits has begun', () => {
    expect(resumedInstance(recorded({ phase: 'Stopped', operationSeq: 4, open: [command('start', 4)] })).phase).toBe('Stopped');
  });

  test('does not take an operation again that has ended, nor one twice that waits, however late it is delivered', () => {
    const state = resumedInstance(recorded({ operationSeq: 4, open: [command('stop', 4)] }));
    for (const { begun: _, ...late } of [command('create', 1), command('stop', 3), command('stop', 4)]) {
      expect(reduce(state, { type: 'command-received', command: late })).toBe(state);
    }
  });

  test('counts no exit again that was counted before', () => {
    expect(resumedInstance(recorded()).countedRestarts).toBe(2);
  });
});
