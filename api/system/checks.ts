import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { LiteLlmClient } from '../../activities/clients/litellm/client.ts';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import type { LevelSwitch } from '../../activities/platform/level-switch.ts';
import { checkCertificate, checkDisk, checkEncryptionKey } from './check-machine.ts';
import { checkApi, checkWorker } from './check-processes.ts';
import { checkDatabase, checkModelService, checkRelay, checkTemporal } from './check-services.ts';
import type { HealthCheck } from './health.ts';
import type { Presence } from './presence.ts';

export interface HealthDeps {
  readonly pool: pg.Pool;
  readonly systemPool: pg.Pool;
  readonly temporal: Client;
  readonly liteLlm: Pick<LiteLlmClient, 'ping' | 'version'>;
  readonly objectStore: ObjectStore;
  readonly levels: LevelSwitch;
  readonly presence: Pick<Presence, 'facts'>;
  readonly relayLag: () => Promise<{ readonly pending: number; readonly oldestSeconds: number }>;
  readonly config: { readonly CLAWLOOPS_KEY_FILE: string; readonly PUBLIC_URL: string };
}

/** What starts whatever does not run; it leaves alone what does. */
const UP = 'npm run up';

/** Every part that the platform stands on, and how to ask it. */
export function healthChecks(deps: HealthDeps): HealthCheck[] {
  const secure = deps.config.PUBLIC_URL.startsWith('https:');
  return [
    { name: 'api', nextStep: 'Look at the log of the API.', command: 'npm run status', check: () => checkApi(deps) },
    { name: 'database', vital: true, nextStep: 'Start PostgreSQL.', command: UP, check: () => checkDatabase(deps.pool) },
    {
      name: 'workflow-engine',
      vital: true,
      nextStep: 'Start the Temporal server; accepted work is kept.',
      command: UP,
      check: () => checkTemporal(deps.temporal),
    },
    { name: 'worker', vital: true, nextStep: 'Start the worker; accepted work is kept.', command: UP, check: () => checkWorker(deps) },
    { name: 'relay', nextStep: 'Look at the log of the API.', command: 'npm run status', check: () => checkRelay(deps.relayLag) },
    { name: 'model-service', nextStep: 'Start LiteLLM.', command: UP, check: () => checkModelService(deps.liteLlm) },
    { name: 'object-store', nextStep: 'Start the object store.', command: UP, check: async () => ({ latencyMs: await deps.objectStore.ping() }) },
    { name: 'disk', nextStep: 'Look at the disk of the API.', command: 'df -h', check: () => checkDisk(deps.config.CLAWLOOPS_KEY_FILE) },
    {
      name: 'encryption-key',
      nextStep: 'Put the key file back, or restore a backup.',
      command: 'npm run status',
      check: () => checkEncryptionKey(deps.config.CLAWLOOPS_KEY_FILE, deps.systemPool),
    },
    ...(secure
      ? [
          {
            name: 'certificate',
            nextStep: 'Start what serves the public address.',
            command: `curl -vI ${deps.config.PUBLIC_URL}`,
            check: () => checkCertificate(deps.config.PUBLIC_URL),
          },
        ]
      : []),
  ];
}
