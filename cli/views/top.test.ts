import { expect, test } from 'vitest';
import { formatTable } from '../lib/output.ts';
import { NOW } from '../testing/samples.ts';
import { TOP_HOSTS, TOP_INSTANCES, type TopHost, type TopInstance } from './top.ts';

const context = { now: NOW, paint: (_format: unknown, text: string) => text };
const busy: TopInstance = {
  id: 'ins_01kah3v5c0q2m4x6z8aa',
  name: 'sales-bot',
  phase: 'Running',
  hostId: 'hst_01kah3v5c0q2m4x6z8ee',
  at: NOW.toISOString(),
  cpuMillicores: 412,
  cpuLimitMillicores: 1000,
  memoryBytes: 734 * 2 ** 20,
  memoryLimitBytes: 2 * 2 ** 30,
  processes: 7,
  restarts: 1,
  requests: 52,
  errors: 2,
  promptTokens: 120_400,
  completionTokens: 8_211,
  costMicroUsd: 384_000,
  activeSeconds: 611.4,
};
const stopped: TopInstance = {
  ...busy,
  name: 'research',
  phase: 'Stopped',
  at: null,
  cpuMillicores: null,
  memoryBytes: null,
  processes: null,
  restarts: 0,
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  costMicroUsd: 0,
  activeSeconds: 0,
};

test('use of instances stands beside what they may use, and what is not measured is a dash', () => {
  expect(formatTable(TOP_INSTANCES, [busy, stopped], false, context)).toMatchInlineSnapshot(`
    "NAME       CPU   CPU%  MEMORY           RESTARTS  REQUESTS/H  ERRORS/H  TOKENS/H  COST/H
    sales-bot  412m  41%   734 MiB / 2 GiB  1         52          2         128611    $0.38
    research   -     -     - / 2 GiB        0         0           0         0         $0.00
    "
  `);
});

test('the wide list of use tells phase, processes and the time a claw was active', () => {
  expect(formatTable(TOP_INSTANCES, [busy], true, context)).toMatchInlineSnapshot(`
    "NAME       PHASE    CPU   CPU%  MEMORY           MEMORY%  PROCESSES  RESTARTS  REQUESTS/H  ERRORS/H  TOKENS/H  COST/H  ACTIVE/H  ID
    sales-bot  Running  412m  41%   734 MiB / 2 GiB  36%      7          1         52          2         128611    $0.38   611s      ins_01kah3v5c0q2m4x6z8aa
    "
  `);
});

test('use of hosts tells CPU, memory, disk and load', () => {
  const host: TopHost = {
    id: 'hst_01kah3v5c0q2m4x6z8ee',
    name: 'this-machine',
    state: 'online',
    at: NOW.toISOString(),
    cpuMillicores: 1310,
    cpuCapacityMillicores: 2000,
    memoryBytes: 6 * 2 ** 30,
    memoryCapacityBytes: 8 * 2 ** 30,
    diskUsedBytes: 41 * 2 ** 30,
    diskTotalBytes: 100 * 2 ** 30,
    load1: 1.5,
    instances: 12,
  };
  const away: TopHost = {
    ...host,
    name: 'rack-2',
    state: 'offline',
    at: null,
    cpuMillicores: null,
    memoryBytes: null,
    diskUsedBytes: null,
    diskTotalBytes: null,
    load1: null,
  };
  expect(formatTable(TOP_HOSTS, [host, away], false, context)).toMatchInlineSnapshot(`
    "NAME          STATE    CPU    CPU%  MEMORY         DISK              LOAD  INSTANCES
    this-machine  online   1310m  66%   6 GiB / 8 GiB  41 GiB / 100 GiB  1.50  12
    rack-2        offline  -      -     - / 8 GiB      - / -             -     12
    "
  `);
});
