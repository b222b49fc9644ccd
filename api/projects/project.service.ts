import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { GrantRole } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { ProjectView } from './project.schema.ts';
import { lockProject, showProject } from './project-queries.ts';

/** Living instances that the refusal of a deletion names. */
const NAMED = 5;

/** Throws NAME_TAKEN, QUOTA_EXCEEDED. */
export async function createProject(sql: pg.ClientBase, context: RequestContext, name: string): Promise<ProjectView> {
  const { tenantId, userId } = actorOf(context);
  const { rows } = await sql.query<{ count: number }>('SELECT count(*)::integer AS count FROM project WHERE deleted_at IS NULL');
  if ((rows[0]?.count ?? 0) >= Limits.projectsMax) throw new Failure('QUOTA_EXCEEDED', `A tenant has at most ${Limits.projectsMax} projects.`);
  const id = newId(IdPrefix.project);
  await named(
    name,
    sql.query('INSERT INTO project (id, tenant_id, name, created_by, last_updated_by) VALUES ($1, $2, $3, $4, $4)', [id, tenantId, name, userId]),
  );
  await audit(sql, context, { action: 'project.create', target: id, after: { name } });
  return showProject(sql, id);
}

/** Throws NOT_FOUND, NAME_TAKEN. */
export async function renameProject(sql: pg.ClientBase, context: RequestContext, id: string, name: string): Promise<ProjectView> {
  const before = await lockProject(sql, id);
  await named(name, sql.query('UPDATE project SET name = $2, updated_at = now(), last_updated_by = $3 WHERE id = $1', [id, name, actorOf(context).userId]));
  await audit(sql, context, { action: 'project.update', target: id, before, after: { name } });
  return showProject(sql, id);
}

/** Throws NOT_FOUND, STILL_IN_USE with what keeps it. */
export async function deleteProject(sql: pg.ClientBase, context: RequestContext, id: string): Promise<void> {
  // All of them in one order: two requests cannot each leave the other's project as the last one.
  await sql.query('SELECT 1 FROM project WHERE deleted_at IS NULL ORDER BY id FOR UPDATE');
  const before = await lockProject(sql, id);
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM instance WHERE project_id = $1 AND destroyed_at IS NULL ORDER BY name', [id]);
  if (rows.length > 0) {
    const names = rows.slice(0, NAMED).map(({ name }) => name);
    const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : '';
    throw new Failure('STILL_IN_USE', `The project still has ${names.join(', ')}${more}.`, { nextStep: 'Destroy these instances first.' });
  }
  const { rowCount } = await sql.query('SELECT 1 FROM project WHERE deleted_at IS NULL AND id <> $1 LIMIT 1', [id]);
  if (!rowCount) throw new Failure('STILL_IN_USE', 'A tenant keeps at least one project.', { nextStep: 'Make another project first.' });
  await sql.query('UPDATE project SET deleted_at = now(), updated_at = now(), last_updated_by = $2 WHERE id = $1', [id, actorOf(context).userId]);
  await sql.query('DELETE FROM project_grant WHERE project_id = $1', [id]);
  await audit(sql, context, { action: 'project.delete', target: id, before });
}

/** Throws NOT_FOUND when there is no such project or the person is no member. */
export async function setGrant(sql: pg.ClientBase, context: RequestContext, id: string, userId: string, role: GrantRole): Promise<ProjectView> {
  const { tenantId, userId: by } = actorOf(context);
  await lockProject(sql, id);
  const member = await sql.query('SELECT 1 FROM membership WHERE user_id = $1 FOR KEY SHARE', [userId]);
  if (!member.rowCount) throw new Failure('NOT_FOUND', 'There is no such member.');
  const before = await readGrant(sql, id, userId);
  await sql.query(
    `INSERT INTO project_grant (tenant_id, project_id, user_id, role, created_by) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role, created_by = excluded.created_by, created_at = now()`,
    [tenantId, id, userId, role, by],
  );
  await audit(sql, context, { action: 'project.grant', target: id, before: before && { userId, role: before }, after: { userId, role } });
  return showProject(sql, id);
}

/** Throws NOT_FOUND. */
export async function removeGrant(sql: pg.ClientBase, context: RequestContext, id: string, userId: string): Promise<ProjectView> {
  await lockProject(sql, id);
  const role = await readGrant(sql, id, userId);
  if (!role) throw new Failure('NOT_FOUND', 'There is no such grant.');
  await sql.query('DELETE FROM project_grant WHERE project_id = $1 AND user_id = $2', [id, userId]);
  await audit(sql, context, { action: 'project.revoke', target: id, before: { userId, role } });
  return showProject(sql, id);
}

async function readGrant(sql: pg.ClientBase, id: string, userId: string): Promise<GrantRole | null> {
  const { rows } = await sql.query<{ role: GrantRole }>('SELECT role FROM project_grant WHERE project_id = $1 AND user_id = $2', [id, userId]);
  return rows[0]?.role ?? null;
}

/** Runs what writes this name; NAME_TAKEN when another project has it. */
async function named(name: string, writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'project_living_name_key') throw error;
    throw new Failure('NAME_TAKEN', `A project named ${name} is there already.`, { errors: [{ path: '/name', message: 'is in use' }] });
  }
}
