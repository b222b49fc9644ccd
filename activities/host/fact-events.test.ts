import { describe, expect, test } from 'vitest';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import { eventsOfFact, type ObservedInstance } from './fact-events.ts';

const NOW = Date.parse('2026-11-21T10:00:05.000Z');
const READY: WorkloadFact = {
  instanceId: 'ins_1',
  generation: 4,
  seq: 9,
  phase: 'running',
  pid: 77,
  startedAt: null,
  ready: true,
  live: true,
  exitCode: null,
  signal: null,
  restarts: 2,
  nextStartAt: null,
  filesHash: 'sha256:a',
  error: null,
  at: '2026-11-21T10:00:00.000Z',
};
const INSTANCE: ObservedInstance = { tenantId: 'ten_1', instanceId: 'ins_1', hostId: 'hst_1', intentPhase: 'Running', filesHash: 'sha256:a' };
const DOWN: Partial<WorkloadFact> = { phase: 'backing-off', pid: null, ready: false, exitCode: 1 };

/** Types, and counts above one, of what the steps through these facts mean. */
function told(facts: readonly (Partial<WorkloadFact> | null)[], instance: Partial<ObservedInstance> = {}): string[] {
  const all = facts.map((fact) => fact && { ...READY, ...fact });
  return all.flatMap((fact, index) =>
    index === 0 || !fact
      ? []
      : eventsOfFact({ ...INSTANCE, ...instance }, all[index - 1] ?? null, fact, NOW).map(({ type, count = 1 }) => (count > 1 ? `${type} x${count}` : type)),
  );
}

describe('a process that ended by itself', () => {
  test('is one crash, however many facts tell of it until it runs again', () => {
    const again = { restarts: 3, pid: 78, exitCode: 1 };
    expect(told([{}, DOWN, { ...again, phase: 'starting', ready: false }, again])).toEqual(['instance.crashed', 'instance.running']);
  });

  test('counts when nobody heard of it at the time', () => {
    expect(told([{}, { restarts: 5, pid: 99 }])).toEqual(['instance.crashed x3']);
  });

  test('for want of memory or of an answer is told as that', () => {
    expect(told([{}, { ...DOWN, error: { code: 'OUT_OF_MEMORY', message: '.' } }])).toEqual(['instance.out-of-memory']);
    expect(told([{}, { ...DOWN, error: { code: 'GATEWAY_UNAVAILABLE', message: '.' } }])).toEqual(['instance.unresponsive']);
  });

  test('because it was stopped is no crash', () => {
    expect(told([{}, { phase: 'stopping', ready: false }, { phase: 'stopped', pid: null, ready: false }])).toEqual([]);
    expect(told([DOWN, { phase: 'stopped', pid: null, ready: false }])).toEqual([]);
  });

  test('carries what is known of its end, the host, and when it was', () => {
    const [event] = eventsOfFact(INSTANCE, READY, { ...READY, ...DOWN, exitCode: null, signal: 'SIGKILL' }, NOW);
    expect(event).toMatchObject({ data: { exitCode: null, signal: 'SIGKILL', restarts: 2 }, hostId: 'hst_1', instanceId: 'ins_1', at: READY.at });
  });
});

describe('a claw that is to run', () => {
  test('is told as degraded when it stops answering and as running when it answers again', () => {
    expect(told([{}, { ready: false }, {}])).toEqual(['instance.degraded', 'instance.running']);
  });

  test('is told once as blocked for each reason', () => {
    const blocked = { phase: 'blocked', ready: false, pid: null, error: { code: 'PORT_IN_USE', message: '.' } } as const;
    expect(
      told([{ phase: 'stopped', pid: null, ready: false }, blocked, blocked, { ...blocked, error: { code: 'VOLUME_UNAVAILABLE', message: '.' } }]),
    ).toEqual(['instance.blocked', 'instance.blocked']);
  });

  test('says nothing of readiness while an operation brings it up or down: that tells it itself', () => {
    expect(told([{ ready: false }, {}, { ready: false }], { intentPhase: 'Starting' })).toEqual([]);
  });
});

describe('files of a running process', () => {
  test('of a new generation are settings that it took without a restart', () => {
    expect(told([{}, { generation: 5, filesHash: 'sha256:b' }], { filesHash: 'sha256:b' })).toEqual(['instance.config-applied']);
  });

  test('of another process came with its restart', () => {
    expect(told([{}, { generation: 5, filesHash: 'sha256:b', pid: 78 }], { filesHash: 'sha256:b' })).toEqual([]);
  });

  test('that are not what was asked for were changed by hand; putting them back is no news', () => {
    expect(told([{}, { filesHash: 'sha256:x' }, {}])).toEqual(['instance.drifted']);
  });
});

test('a time that no clock can mean is not believed', () => {
  const [event] = eventsOfFact(INSTANCE, READY, { ...READY, ...DOWN, at: '1970-01-01T00:00:00.000Z' }, NOW);
  expect(event?.at).toBeUndefined();
});
