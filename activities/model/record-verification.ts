import type { Database } from '../../prisma/client.ts';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import { insertEvent } from '../../prisma/outbox-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import type { ProviderVerdict, ProviderVerification } from '../../workflows/contracts/model.ts';

/** See {@link ModelActivities.recordVerification}. */
export async function recordVerification(
  database: Database,
  { tenantId, providerId, revision, verdict }: ProviderVerification & { readonly verdict: ProviderVerdict },
): Promise<void> {
  if (verdict.state === 'void') return;
  const error = verdict.state === 'failed' ? JSON.stringify(verdict.error) : null;
  await database.withTenantSql(tenantId, async (sql) => {
    // Only from `verifying`: a repeated write finds nothing to do and makes no second event.
    const { rows } = await sql.query<{ name: string }>(
      `UPDATE provider SET state = $3, error = $4::jsonb, verified_at = CASE WHEN $3 = 'verified' THEN now() ELSE verified_at END
       WHERE id = $1 AND revision = $2 AND state = 'verifying' RETURNING name`,
      [providerId, revision, verdict.state, error],
    );
    if (!rows[0]) return;
    await insertEvent(sql, { tenantId, source: '/worker', type: EventType.providerUpdated, subject: providerId, data: { state: verdict.state } });
    const common = { tenantId, subject: { kind: 'provider' as const, id: providerId, name: rows[0].name } };
    const event: NewFleetEvent =
      verdict.state === 'verified'
        ? { ...common, type: 'provider.verified', data: {} }
        : { ...common, type: 'provider.refused', data: { code: verdict.error.code, message: verdict.error.message } };
    await recordFleetEvents(sql, '/worker', [event]);
  });
}
