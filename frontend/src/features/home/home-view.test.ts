import { describe, expect, it } from 'vitest';
import type { InstanceView } from '../../../../workflows/contracts/instance.ts';
import type { OperationView } from '../../../../workflows/contracts/operation.ts';
import { firstSteps, fleetParts, needsYou } from './home-view.ts';

const operation = (id: string, state: OperationView['state'], target: string) =>
  ({ id, state, target: { kind: 'instance', id: target, name: target } }) as OperationView;
const instance = (id: string) => ({ id }) as InstanceView;

describe('the fleet line', () => {
  it('adds up what is under way and leaves out what is destroyed', () => {
    const { total, parts } = fleetParts({ Running: 5, Creating: 1, Stopping: 2, Failed: 1, Destroyed: 40 });
    expect(total).toBe(9);
    expect(parts.map((part) => [part.key, part.count])).toEqual([
      ['running', 5],
      ['changing', 3],
      ['failed', 1],
      ['stopped', 0],
    ]);
  });
});

describe('what needs somebody', () => {
  it('lists waiting operations first and each claw once', () => {
    const list = needsYou([instance('ins_a'), instance('ins_b')], [operation('op_1', 'running', 'ins_c'), operation('op_2', 'retrying', 'ins_b')]);
    expect(list.map((entry) => (entry.kind === 'operation' ? entry.operation.id : entry.instance.id))).toEqual(['op_2', 'ins_a']);
  });
});

describe('first steps', () => {
  it('are ticked off as they happen', () => {
    expect(firstSteps({ instances: 1, requests: 0, providers: 0, apiKeys: 2, people: 1 }).map((step) => step.done)).toEqual([true, false, false, true, false]);
  });
  it('tick off inviting as soon as somebody is here or invited, and leave it out for those who may not', () => {
    const facts = { instances: 0, requests: 0, providers: 0, apiKeys: 0 };
    expect(firstSteps({ ...facts, people: 2 }).at(-1)).toEqual({ key: 'invite', done: true });
    expect(firstSteps({ ...facts, people: null }).map(({ key }) => key)).not.toContain('invite');
  });
});
