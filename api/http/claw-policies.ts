import type pg from 'pg';
import { type ClawPolicy, type ClawRule, NO_RULES, type Violation, violations } from '../../workflows/contracts/claw-policy.ts';
import { Failure, type FieldError } from '../../workflows/contracts/failures.ts';

/** The rules that hold for the claws of this project: the tenant's, then the project's. `sql` must run as the tenant. */
export async function readClawPolicies(sql: pg.ClientBase, projectId: string): Promise<readonly ClawPolicy[]> {
  return (await readAllClawPolicies(sql)).filter(({ scope }) => scope.kind === 'tenant' || scope.id === projectId);
}

/** Every level of the tenant that has rules, the tenant's own first. */
export async function readAllClawPolicies(sql: pg.ClientBase): Promise<readonly ClawPolicy[]> {
  const { rows } = await sql.query<{ kind: ClawPolicy['scope']['kind']; id: string; name: string; rules: Partial<ClawPolicy['rules']> }>({
    name: 'claw-policies',
    text: `SELECT c.scope_kind AS kind, c.scope_id AS id, coalesce(j.name, t.name, c.scope_id) AS name, c.rules FROM claw_policy c
           LEFT JOIN project j ON j.id = c.scope_id LEFT JOIN tenant t ON t.id = c.scope_id ORDER BY c.scope_kind DESC, c.scope_id`,
  });
  return rows.map(({ kind, id, name, rules }) => ({ scope: { kind, id, name }, rules: { ...NO_RULES, ...rules } }));
}

/** Throws POLICY_VIOLATED when nobody may open the web pages that claws of this project serve. */
export async function assertExposure(sql: pg.ClientBase, projectId: string): Promise<void> {
  const found = violations(await readClawPolicies(sql, projectId), { exposed: true });
  if (found.length > 0) throw policyFailure(found);
}

/** POLICY_VIOLATED with a sentence for every rule; `pathOf` points into the request. */
export function policyFailure(found: readonly Violation[], pathOf: (violation: Violation) => string = () => '/'): Failure {
  const errors: FieldError[] = found.map((violation) => ({ path: pathOf(violation), message: violation.message }));
  return new Failure('POLICY_VIOLATED', found.map(({ message }) => message).join(' '), {
    errors,
    rules: found.map(({ rule }): ClawRule => rule),
    nextStep: `Choose what is allowed, or ask ${found.some(({ scope }) => scope.kind === 'tenant') ? 'an administrator of the platform' : 'an owner or admin of the tenant'} to change the rule.`,
  });
}
