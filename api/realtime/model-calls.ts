import type { Database } from '../../prisma/client.ts';
import { FAILURES, Failure, isFailureCode } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL } from '../../workflows/contracts/model.ts';

/** Model calls of one instance since a moment, as the model gateway metered them. */
export interface ModelCalls {
  /** Name of the model that answered last, `<provider>/<model>` or `demo`; null when none did. */
  readonly model: string | null;
  /** Why the newest call failed; null when it did not. */
  readonly trouble: Failure | null;
  /** Calls that failed since the last one that did not. */
  readonly failures: number;
}

interface CallRow {
  readonly provider: string;
  readonly model: string;
  readonly error_code: string | null;
}

/** Newest first; more than this many attempts tell nothing new. */
const LOOK_AT = 20;

export async function modelCallsSince(database: Database, tenantId: string, instanceId: string, since: Date): Promise<ModelCalls> {
  const { rows } = await database.withTenantSql(tenantId, (sql) =>
    sql.query<CallRow>('SELECT provider, model, error_code FROM usage_record WHERE instance_id = $1 AND at >= $2 ORDER BY at DESC LIMIT $3', [
      instanceId,
      since,
      LOOK_AT,
    ]),
  );
  // A call that was cancelled, as by a person's stop, is no trouble of the model.
  const calls = rows.filter((row) => row.error_code !== 'CANCELLED');
  const answered = calls.find((row) => row.error_code === null);
  const failures = answered ? calls.indexOf(answered) : calls.length;
  const [newest] = calls;
  return { model: answered ? modelName(answered) : null, trouble: failures > 0 && newest ? troubleOf(newest) : null, failures };
}

function modelName({ provider, model }: CallRow): string {
  return model === DEMO_MODEL || provider === DEMO_MODEL ? DEMO_MODEL : `${provider}/${model}`;
}

function troubleOf(row: CallRow): Failure {
  const code = row.error_code && isFailureCode(row.error_code) ? row.error_code : 'MODEL_UNAVAILABLE';
  return new Failure(code, `${FAILURES[code].title} (${modelName(row)})`);
}
