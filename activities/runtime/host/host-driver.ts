import type { Database } from '../../../prisma/client.ts';
import type { SecretBox } from '../../platform/secrets.ts';
import type { RuntimeDriver, WorkloadRef } from '../driver.ts';
import type { HostLink } from './host-link.ts';
import { changeWish, deleteWorkload, newestFact, openSecrets, putWorkload, readWorkload, sealSecrets, type Wish } from './workload-store.ts';

export interface HostDriverDeps {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly link: HostLink;
}

/**
 * Claws as processes under a bridge. Desired state is a row that the gateway of the bridges hands on, so recording it needs no host
 * that is online; secrets in it are sealed. The rest goes through the link and does need one.
 */
export function createHostDriver({ database, secrets, link }: HostDriverDeps): RuntimeDriver {
  const wish = (ref: WorkloadRef, generation: number, change: Wish): Promise<void> =>
    database.withTenantSql(ref.tenantId, (sql) => changeWish(sql, ref.instanceId, generation, change));
  return {
    kind: 'host',
    prepare: (hostId, runtime, signal) => link.prepare(hostId, runtime, signal),
    exec: (hostId, request) => link.exec(hostId, request),
    apply: async (hostId, workload) => {
      const sealed = await sealSecrets(secrets, workload.instanceId, workload.secretEnv);
      await database.withTenantSql(workload.tenantId, (sql) => putWorkload(sql, hostId, workload, sealed));
    },
    stop: (ref, generation) => wish(ref, generation, { desired: 'stopped', kill: false }),
    kill: (ref, generation) => wish(ref, generation, { desired: 'stopped', kill: true }),
    destroy: (ref, generation, retention) => wish(ref, generation, { desired: 'removed', retention }),
    observe: (ref) => database.withTenantSql(ref.tenantId, (sql) => newestFact(sql, ref)),
    desired: async (ref) => (await database.withTenantSql(ref.tenantId, (sql) => readWorkload(sql, ref.instanceId)))?.workload ?? null,
    secrets: async (ref) => {
      const row = await database.withTenantSql(ref.tenantId, (sql) => readWorkload(sql, ref.instanceId));
      return row ? openSecrets(secrets, ref.instanceId, row.sealed) : [];
    },
    forget: (ref) => database.withTenantSql(ref.tenantId, (sql) => deleteWorkload(sql, ref)),
    dial: (ref, port) => link.open(ref.hostId, { kind: 'dial', instanceId: ref.instanceId, port }),
    logs: (ref, options) => link.open(ref.hostId, { kind: 'logs', instanceId: ref.instanceId, ...options }),
  };
}
