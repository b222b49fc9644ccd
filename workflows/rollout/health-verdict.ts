import type { CheckResult, CheckVerdict, GateCheck, Verdict } from '../contracts/rollout.ts';
import type { Observation } from '../contracts/rollout-record.ts';

/** The verdict of a gate: any check that failed fails it, any that says too little holds it. */
export function judge(checks: readonly GateCheck[], seen: Observation): Verdict {
  const verdicts = checks.map((check) => judgeCheck(check, seen));
  const has = (result: CheckResult) => verdicts.some((verdict) => verdict.result === result);
  return { decision: has('failed') ? 'fail' : has('unknown') ? 'hold' : 'proceed', checks: verdicts };
}

function judgeCheck(check: GateCheck, seen: Observation): CheckVerdict {
  const say = (result: CheckResult, message: string, value: number | null): CheckVerdict => ({ check, result, message, value });
  const within = (isGood: boolean): CheckResult => (isGood ? 'passed' : 'failed');
  switch (check.kind) {
    case 'ready': {
      const missing = seen.notReady.length > 0 ? ` Not: ${seen.notReady.join(', ')}.` : '';
      return say(within(seen.ready === seen.instances), `${seen.ready} of ${seen.instances} answer.${missing}`, seen.ready);
    }
    case 'restarts':
      return say(within(seen.restarts <= check.max), `At most ${seen.restarts} restarts${seen.restarted ? ` (${seen.restarted})` : ''}.`, seen.restarts);
    case 'http': {
      const answer = seen.answers[check.url] ?? null;
      if (answer === null) return say('unknown', 'The check could not be reached or gave no verdict.', null);
      return say(answer === 'proceed' ? 'passed' : answer === 'fail' ? 'failed' : 'unknown', `The check says ${answer}.`, null);
    }
    default: {
      if (seen.requests < check.minRequests) return say('unknown', `${seen.requests} model calls of ${check.minRequests} needed.`, seen.requests);
      return judgeTraffic(check, seen, say, within);
    }
  }
}

function judgeTraffic(
  check: Extract<GateCheck, { minRequests: number }>,
  seen: Observation,
  say: (result: CheckResult, message: string, value: number | null) => CheckVerdict,
  within: (isGood: boolean) => CheckResult,
): CheckVerdict {
  switch (check.kind) {
    case 'modelErrorRate': {
      const ratio = seen.errors / Math.max(1, seen.requests);
      return say(within(ratio <= check.maxRatio), `${seen.errors} of ${seen.requests} model calls failed.`, ratio);
    }
    case 'modelLatency': {
      const p95 = seen.p95Milliseconds ?? 0;
      return say(within(p95 <= check.p95Milliseconds), `The 95th percentile of ${seen.requests} model calls is ${p95} ms.`, p95);
    }
    case 'modelCost':
      return say(within(seen.costMicroUsd <= check.maxMicroUsd), `${seen.requests} model calls cost ${seen.costMicroUsd} micro-dollars.`, seen.costMicroUsd);
  }
}
