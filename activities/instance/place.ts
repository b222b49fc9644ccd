import { Failure } from '../../workflows/contracts/failures.ts';
import type { WorkloadRef } from '../runtime/driver.ts';
import type { InstanceDeps } from './ports.ts';

/** Where an instance lives, whatever became of its type and spec. Throws NOT_FOUND. */
export async function refOf(
  deps: Pick<InstanceDeps, 'database'>,
  { tenantId, instanceId }: { readonly tenantId: string; readonly instanceId: string },
): Promise<{ readonly ref: WorkloadRef; readonly hostConnected: boolean }> {
  const { rows } = await deps.database.withTenantSql(tenantId, (sql) =>
    sql.query<{ host_id: string; connected: boolean | null }>({
      name: 'instance-place',
      text: 'SELECT i.host_id, h.connected FROM instance i LEFT JOIN host h ON h.id = i.host_id WHERE i.id = $1',
      values: [instanceId],
    }),
  );
  const [row] = rows;
  if (row === undefined) throw new Failure('NOT_FOUND', 'The instance is gone.');
  return { ref: { tenantId, instanceId, hostId: row.host_id }, hostConnected: row.connected === true };
}
