import { expect, test } from 'vitest';
import type { GateCheck, Verdict } from '../contracts/rollout.ts';
import type { Observation } from '../contracts/rollout-record.ts';
import { judge } from './health-verdict.ts';

const URL = 'https://checks.example.com/claws';
const GOOD: Observation = {
  instances: 3,
  ready: 3,
  notReady: [],
  restarts: 0,
  restarted: null,
  requests: 100,
  errors: 1,
  p95Milliseconds: 800,
  costMicroUsd: 5000,
  answers: { [URL]: 'proceed' },
};

test.each<[GateCheck, Partial<Observation>, Verdict['decision']]>([
  [{ kind: 'ready' }, {}, 'proceed'],
  [{ kind: 'ready' }, { ready: 2, notReady: ['sales'] }, 'fail'],
  [{ kind: 'restarts', max: 0 }, {}, 'proceed'],
  [{ kind: 'restarts', max: 1 }, { restarts: 2, restarted: 'sales' }, 'fail'],
  [{ kind: 'modelErrorRate', maxRatio: 0.05, minRequests: 20 }, {}, 'proceed'],
  [{ kind: 'modelErrorRate', maxRatio: 0.05, minRequests: 20 }, { errors: 6 }, 'fail'],
  [{ kind: 'modelErrorRate', maxRatio: 0.05, minRequests: 20 }, { requests: 19, errors: 19 }, 'hold'],
  [{ kind: 'modelLatency', p95Milliseconds: 1000, minRequests: 20 }, {}, 'proceed'],
  [{ kind: 'modelLatency', p95Milliseconds: 700, minRequests: 20 }, {}, 'fail'],
  [{ kind: 'modelLatency', p95Milliseconds: 700, minRequests: 200 }, {}, 'hold'],
  [{ kind: 'modelCost', maxMicroUsd: 5000, minRequests: 1 }, {}, 'proceed'],
  [{ kind: 'modelCost', maxMicroUsd: 4999, minRequests: 1 }, {}, 'fail'],
  [{ kind: 'http', url: URL }, {}, 'proceed'],
  [{ kind: 'http', url: URL }, { answers: { [URL]: 'fail' } }, 'fail'],
  [{ kind: 'http', url: URL }, { answers: { [URL]: 'hold' } }, 'hold'],
  [{ kind: 'http', url: URL }, { answers: { [URL]: null } }, 'hold'],
])('%j over %j means %s', (check, more, decision) => {
  const verdict = judge([check], { ...GOOD, ...more });
  expect(verdict.decision).toBe(decision);
  expect(verdict.checks[0]?.message).not.toBe('');
});

test('one check that fails outweighs one that cannot say, and a gate without checks is open', () => {
  const silent = { kind: 'http', url: 'https://elsewhere.example.com' } as const;
  expect(judge([{ kind: 'ready' }, silent], GOOD).decision).toBe('hold');
  expect(judge([{ kind: 'restarts', max: 0 }, silent], { ...GOOD, restarts: 1 }).decision).toBe('fail');
  expect(judge([], GOOD).decision).toBe('proceed');
});
