import type { Workload } from '../../workflows/contracts/workload.ts';

/** A workload for tests, wanted running, generation 1. */
export function testWorkload(changes: Partial<Workload> = {}): Workload {
  return {
    instanceId: 'ins_test',
    tenantId: 'ten_test',
    slug: 'test-1',
    slot: 0,
    generation: 1,
    desired: 'running',
    retention: 'retain',
    kill: false,
    runtime: { type: 'light', version: '1', install: null, node: null },
    command: ['node', 'server.mjs'],
    env: {},
    secretEnv: [],
    files: [],
    ports: { http: 20_000 },
    probes: { live: { type: 'http', port: 'http', path: '/healthz' }, ready: { type: 'http', port: 'http', path: '/readyz' } },
    stop: { signal: 'SIGTERM', graceSeconds: 10 },
    resources: { cpuMillis: 1000, memoryBytes: 2 ** 28 },
    processHash: 'sha256:process',
    restartGeneration: 0,
    filesHash: 'sha256:files',
    reload: 'hot',
    ...changes,
  };
}
