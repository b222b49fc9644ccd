import { describe, expect, it } from 'vitest';
import type { HostInfo } from '../../../../workflows/contracts/host.ts';
import { hostCapacity } from './host-view.ts';

const info: HostInfo = {
  hostname: 'a',
  platform: 'linux',
  arch: 'x64',
  cpus: 8,
  memoryBytes: 16 * 2 ** 30,
  diskFreeBytes: 1,
  bridgeVersion: '1',
  nodeVersion: '24',
  isolation: 'uid',
  limits: { memory: true, cpu: true, reason: null },
  ports: { base: 1, perSlot: 1, slots: 1 },
};

describe('the capacity of a host', () => {
  it('compares what is promised with what there is', () => {
    expect(hostCapacity({ info, reserved: { cpu: '1500m', memory: '4Gi' } })).toEqual({
      memory: { total: 16 * 2 ** 30, reserved: 4 * 2 ** 30 },
      cpu: { total: 8, reserved: 1.5 },
    });
  });
  it('is unknown until the host has told of itself', () => {
    expect(hostCapacity({ info: null, reserved: { cpu: '0', memory: '0' } })).toEqual({ memory: null, cpu: null });
  });
});
