import type pg from 'pg';
import { type ClawRules, NO_RULES } from '../../workflows/contracts/claw-policy.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { LimitScope } from '../../workflows/contracts/quota.ts';
import type { ClawPoliciesView } from './claw-policy.schema.ts';

interface ScopeRow {
  readonly kind: LimitScope;
  readonly id: string;
  readonly name: string;
  readonly rules: Partial<ClawRules> | null;
}

/** Rules of the tenant as which `sql` runs, and of each project that is seen. Throws NOT_FOUND when there is no such tenant. */
export async function readPolicies(sql: pg.ClientBase): Promise<ClawPoliciesView> {
  const { rows } = await sql.query<ScopeRow>(
    `SELECT s.kind, s.id, s.name, c.rules
     FROM (SELECT 'tenant' AS kind, id, name FROM tenant WHERE id = current_setting('app.tenant')
       UNION ALL SELECT 'project', id, name FROM project WHERE tenant_id = current_setting('app.tenant')) s
     LEFT JOIN claw_policy c ON c.scope_kind = s.kind AND c.scope_id = s.id ORDER BY s.kind DESC, lower(s.name), s.id`,
  );
  const [tenant, ...projects] = rows.map(({ kind, id, name, rules }) => ({ scope: { kind, id, name }, rules: mutable({ ...NO_RULES, ...rules }) }));
  if (tenant === undefined) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  return { tenant, projects };
}

/** Rules as their schema types them. */
function mutable(rules: ClawRules): ClawPoliciesView['tenant']['rules'] {
  return rules as ClawPoliciesView['tenant']['rules'];
}

/** Replaces the rules of a tenant or a project. */
export async function writePolicies(
  sql: pg.ClientBase,
  scope: { readonly kind: LimitScope; readonly id: string },
  rules: ClawRules,
  by: string,
): Promise<void> {
  await sql.query(
    `INSERT INTO claw_policy (tenant_id, scope_kind, scope_id, rules, last_updated_by) VALUES (current_setting('app.tenant'), $1, $2, $3, $4)
     ON CONFLICT (tenant_id, scope_kind, scope_id) DO UPDATE SET rules = excluded.rules, last_updated_by = excluded.last_updated_by, updated_at = now()`,
    [scope.kind, scope.id, JSON.stringify(rules), by],
  );
}
