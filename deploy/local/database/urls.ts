import type { PartContext } from '../parts/part.ts';

/** Connection strings of the platform's database, one per role. They hold passwords: pass them by environment only. */
export interface DatabaseUrls {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly system: string;
}

/** Name of the product's database. */
export const databaseName = 'clawloops';

function url(user: string, password: string, port: number, database: string): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Connection strings for a platform; `database` defaults to the product's own. */
export function databaseUrls(context: Pick<PartContext, 'secrets' | 'port'>, database: string = databaseName): DatabaseUrls {
  const { superuser, owner, app, system } = context.secrets.postgres;
  const port = context.port('postgres');
  return {
    superuser: url('postgres', superuser, port, 'postgres'),
    owner: url('clawloops_owner', owner, port, database),
    app: url('clawloops_app', app, port, database),
    system: url('clawloops_system', system, port, database),
  };
}
