import { expect, it } from 'vitest';
import { Phase } from '../../workflows/contracts/instance.ts';
import { type DoomedClaw, isDown, nextOperation } from './next-operation.ts';

const claw = (phase: Phase, over: Partial<DoomedClaw> = {}): DoomedClaw => ({ phase, active: [], failedLately: false, ...over });

it('destroys every claw of a tenant that is deleted, whatever it does', () => {
  for (const phase of Object.values(Phase)) {
    const expected = phase === 'Destroying' || phase === 'Destroyed' ? null : 'destroy';
    expect(nextOperation('delete', claw(phase)), phase).toBe(expected);
  }
  expect(nextOperation('delete', claw('Running', { active: ['restart'] }))).toBe('destroy');
  expect(isDown('delete', claw('Stopped'))).toBe(false);
  expect(isDown('delete', claw('Destroyed'))).toBe(true);
});

it('stops only what runs in a tenant that is suspended, and lets what is under way end first', () => {
  expect(nextOperation('suspend', claw('Running'))).toBe('stop');
  expect(nextOperation('suspend', claw('Starting'))).toBe('stop');
  expect(nextOperation('suspend', claw('Running', { active: ['restart'] }))).toBeNull();
  expect(nextOperation('suspend', claw('Stopped', { active: ['start'] }))).toBeNull();
  for (const phase of [Phase.stopped, Phase.failed, Phase.destroyed])
    expect([nextOperation('suspend', claw(phase)), isDown('suspend', claw(phase))]).toEqual([null, true]);
  expect(isDown('suspend', claw('Stopped', { active: ['start'] }))).toBe(false);
});

it('asks for nothing twice, and for what failed only after a while', () => {
  expect(nextOperation('delete', claw('Running', { active: ['destroy'] }))).toBeNull();
  expect(nextOperation('suspend', claw('Running', { active: ['destroy'] }))).toBeNull();
  expect(nextOperation('delete', claw('Failed', { failedLately: true }))).toBeNull();
});
