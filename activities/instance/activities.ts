import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { toInstanceFact } from '../../workflows/contracts/instance-fact.ts';
import { applyWorkload, issueModelKey, PassedChecks, prepareRuntime, renderConfig, reserveSlot } from './bring-up.ts';
import { deliverModelKey, verifyConfig } from './confirm.ts';
import type { InstanceActivities } from './contract.ts';
import { outlineInstance } from './outline.ts';
import type { InstanceDeps } from './ports.ts';
import { probeModel } from './probe-model.ts';
import { destroyWorkload, killWorkload, nextGeneration, observeWorkload, releaseInstance, repeatWorkload, revokeModelKeys, stopWorkload } from './take-down.ts';

/** The activities of instances over what the process has. */
export function createInstanceActivities(deps: InstanceDeps): InstanceActivities {
  const passed = new PassedChecks();
  return {
    outlineInstance: (input) => outlineInstance(deps, input),
    nextGeneration: (input) => nextGeneration(deps, input),
    reserveSlot: (input) => reserveSlot(deps, input),
    issueModelKey: (input) => issueModelKey(deps, input),
    prepareRuntime: (input) => prepareRuntime(deps, input, signalOf()),
    renderConfig: (input) => renderConfig(deps, passed, input),
    applyWorkload: (input) => applyWorkload(deps, input),
    repeatWorkload: (input) => repeatWorkload(deps, input),
    observeWorkload: async (input) => {
      const { fact, hostConnected } = await observeWorkload(deps, input);
      return { fact: fact && toInstanceFact(fact), hostConnected };
    },
    verifyConfig: (input) => verifyConfig(deps, input, signalOf()),
    deliverModelKey: (input) => deliverModelKey(deps, input),
    probeModel: (input) => probeModel(deps, input, signalOf()),
    stopWorkload: (input) => stopWorkload(deps, input),
    killWorkload: (input) => killWorkload(deps, input),
    destroyWorkload: (input) => destroyWorkload(deps, input),
    revokeModelKeys: (input) => revokeModelKeys(deps, input),
    releaseInstance: (input) => releaseInstance(deps, input),
  };
}

/** Aborted when the activity is cancelled or its worker shuts down. Local activities end by themselves within seconds. */
function signalOf(): AbortSignal | undefined {
  return activityInfo().isLocal ? undefined : cancellationSignal();
}
