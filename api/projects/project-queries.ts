import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { GrantedPerson, ProjectView } from './project.schema.ts';

const PROJECTS = `SELECT p.id, p.name, p.created_at,
    (SELECT count(*)::integer FROM instance i WHERE i.project_id = p.id AND i.destroyed_at IS NULL) AS instances,
    coalesce((SELECT jsonb_agg(jsonb_build_object('userId', g.user_id, 'name', u.name, 'email', u.email, 'role', g.role, 'since', g.created_at) ORDER BY u.name, u.id)
      FROM project_grant g JOIN auth."user" u ON u.id = g.user_id WHERE g.project_id = p.id), '[]') AS grants
  FROM project p WHERE p.deleted_at IS NULL AND ($1::text IS NULL OR p.id = $1) ORDER BY lower(p.name), p.id`;

interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly instances: number;
  readonly grants: readonly GrantedPerson[];
}

/** Those that the transaction may see, by name. */
export async function listProjects(sql: pg.ClientBase): Promise<ProjectView[]> {
  return (await sql.query<ProjectRow>(PROJECTS, [null])).rows.map(present);
}

/** Throws NOT_FOUND. */
export async function showProject(sql: pg.ClientBase, id: string): Promise<ProjectView> {
  const { rows } = await sql.query<ProjectRow>(PROJECTS, [id]);
  if (!rows[0]) throw noProject();
  return present(rows[0]);
}

/** Locks the row until the transaction ends. Throws NOT_FOUND. */
export async function lockProject(sql: pg.ClientBase, id: string): Promise<{ readonly name: string }> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM project WHERE id = $1 AND deleted_at IS NULL FOR UPDATE', [id]);
  if (!rows[0]) throw noProject();
  return rows[0];
}

function noProject(): Failure {
  return new Failure('NOT_FOUND', 'There is no such project.');
}

function present({ id, name, created_at: createdAt, instances, grants }: ProjectRow): ProjectView {
  const withTime = grants.map((grant) => ({ ...grant, since: new Date(grant.since).toISOString() }));
  return { id, name, createdAt: createdAt.toISOString(), instances, grants: withTime };
}
