import type { FailureView } from '../../workflows/contracts/failures.ts';
import type { ProviderKind, ProviderState, ProviderView } from '../../workflows/contracts/model.ts';

/** A row of `provider` without its credential. */
export interface ProviderRow {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly base_url: string | null;
  readonly models: string[];
  readonly state: ProviderState;
  readonly error: FailureView | null;
  readonly has_credential: boolean;
  readonly verified_at: Date | null;
  readonly created_at: Date;
  readonly created_by: string;
}

/** Columns of {@link ProviderRow}; the credential never leaves the database on its way to a person. */
export const PROVIDER_COLUMNS = 'id, name, kind, base_url, models, state, error, credential IS NOT NULL AS has_credential, verified_at, created_at, created_by';

/** What a person sees of a provider. */
export function presentProvider(row: ProviderRow): ProviderView {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    baseUrl: row.base_url,
    models: row.models,
    state: row.state,
    error: row.error,
    credential: { present: row.has_credential },
    verifiedAt: row.verified_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}
