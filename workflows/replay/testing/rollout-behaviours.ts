import { rolloutBatchWorkflowId } from '../../contracts/ids.ts';
import type { EntityWorld } from '../../testing/entity-world.ts';
import { ScriptedRollout, TWO_WAVES } from '../../testing/scripted-rollout.ts';
import type { Behaviour } from './behaviour.ts';

const WAVES = [['a'], ['b', 'c', 'd']];
const rule = { count: 1, roles: ['approver'], deadlineSeconds: 3600, onTimeout: 'abort' } as const;

/** The rollout and its first batches, which are histories of their own. */
function runsOf(world: EntityWorld, it: ScriptedRollout, batches: readonly (readonly [pass: number, wave: number])[]) {
  return [it.handle, ...batches.map(([pass, wave]) => world.client.workflow.getHandle(rolloutBatchWorkflowId(it.id, pass, wave)))].map((handle) => ({
    handle,
  }));
}

export const rolloutBehaviours: Readonly<Record<string, Behaviour>> = {
  'rollout-succeeds': async (world, id) => {
    const it = new ScriptedRollout(world, id, TWO_WAVES, WAVES);
    await it.say('start');
    await it.handle.result();
    return runsOf(world, it, [
      [1, 0],
      [2, 1],
    ]);
  },
  'rollout-paused-and-resumed': async (world, id) => {
    const it = new ScriptedRollout(world, id, TWO_WAVES, WAVES);
    it.held.add('b');
    it.held.add('c');
    await it.say('start');
    await it.until(({ changes }) => changes.length === 3);
    await it.say('pause');
    await it.reaches('Paused');
    await it.halted(2, 1);
    await it.end('b', 2);
    await it.end('c', 2);
    await it.until(({ counts }) => counts.applied === 3);
    await it.say('resume');
    await it.handle.result();
    return runsOf(world, it, [[2, 1]]);
  },
  'rollout-approved': async (world, id) => {
    const waves = TWO_WAVES.waves.map((wave) => ({ ...wave, approval: rule }));
    const it = new ScriptedRollout(world, id, { ...TWO_WAVES, approvalBeforeStart: rule, waves }, WAVES);
    await it.say('start');
    for (const asks of ['start', 'wave', 'second'] as const) {
      await it.until(({ state }) => state?.phase === 'AwaitingApproval' && (asks === 'second' ? state.wave === 1 : state.wave === 0 && state.asks === asks));
      await it.say('approve');
    }
    await it.handle.result();
    return runsOf(world, it, []);
  },
  'rollout-aborted': async (world, id) => {
    const it = new ScriptedRollout(world, id, TWO_WAVES, WAVES);
    it.held.add('a');
    await it.say('start');
    await it.until(({ changes }) => changes.length === 1);
    await it.say('abort');
    await it.reaches('Aborted');
    await it.end('a', 1);
    await it.handle.result();
    return runsOf(world, it, [[1, 0]]);
  },
  'rollout-rolled-back': async (world, id) => {
    const it = new ScriptedRollout(world, id, { ...TWO_WAVES, failureBudget: { size: { count: 0 }, action: 'rollback' } }, WAVES);
    it.seen = { ...it.seen, ready: 0, notReady: ['a'] };
    await it.say('start');
    await it.handle.result();
    return runsOf(world, it, [[2, 0]]);
  },
};
