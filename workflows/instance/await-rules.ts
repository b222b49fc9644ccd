import type { FailureCode, FailureView } from '../contracts/failures.ts';
import { FAILURES } from '../contracts/failures.ts';
import type { InstanceFact } from '../contracts/instance.ts';
import { StepName } from '../contracts/operation.ts';

/** Steps that end by an observation. */
export type AwaitStep = typeof StepName.awaitProcess | typeof StepName.awaitReady | typeof StepName.awaitStopped | typeof StepName.awaitRemoved;

export type Verdict = { readonly kind: 'wait' } | { readonly kind: 'met' } | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string };

const MET: Readonly<Record<AwaitStep, readonly InstanceFact['kind'][]>> = {
  'await-process': ['running', 'not-ready', 'ready'],
  'await-ready': ['ready'],
  'await-stopped': ['stopped', 'removed'],
  'await-removed': ['removed'],
};

export function isAwaitStep(name: StepName): name is AwaitStep {
  return Object.hasOwn(MET, name);
}

/**
 * What the newest fact means to a step that waits for one. Facts of an older generation say nothing; a bad fact up to
 * `knownBadSeq` was the reason of an earlier attempt and says nothing new. A crash while a claw is being stopped is how it stops.
 */
export function judgeFact(step: AwaitStep, fact: InstanceFact | null, generation: number, knownBadSeq: number): Verdict {
  if (fact === null || fact.generation < generation) return { kind: 'wait' };
  if (MET[step].includes(fact.kind)) return { kind: 'met' };
  const stops = step === StepName.awaitStopped || step === StepName.awaitRemoved;
  const isBad = fact.kind === 'blocked' || (!stops && (fact.kind === 'exited' || fact.kind === 'crash-loop'));
  if (!isBad || fact.seq <= knownBadSeq) return { kind: 'wait' };
  return failed(fact);
}

/** The failure a bad fact stands for. */
export function failed(fact: InstanceFact): Verdict & { readonly kind: 'failed' } {
  const code = fact.code ?? (fact.kind === 'blocked' ? 'RUNTIME_UNREACHABLE' : 'PROCESS_EXITED');
  return { kind: 'failed', code, message: fact.message ?? FAILURES[code].title };
}

/** What to say when the observation did not come in time. */
export function timeoutFailure(step: AwaitStep, hostConnected: boolean): FailureView {
  const code: FailureCode = hostConnected ? (step === StepName.awaitReady ? 'GATEWAY_UNAVAILABLE' : 'TIMEOUT') : 'HOST_OFFLINE';
  return { code, message: FAILURES[code].title, nextStep: FAILURES[code].nextStep };
}
