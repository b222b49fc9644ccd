import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { FAILURES, isFailureCode } from '../../workflows/contracts/failures.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { assertEntitled, entitled } from '../http/entitlements.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { type Created, createInstance } from './create-instance.ts';
import { getInstance } from './instance-queries.ts';
import type { ClawCatalog } from './ports.ts';

const ENTITLEMENT = 'personal-claws';
const NAME_CHARACTERS = 24;

interface NotReady {
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string | null;
}

interface MyClaw {
  readonly entitled: boolean;
  readonly instance: InstanceView | null;
  readonly ready: boolean;
  readonly notReady: NotReady | null;
}

/** What somebody has, and why they cannot work with it yet. */
export async function readMyClaw(sql: pg.ClientBase, tenantId: string, userId: string, catalog: ClawCatalog): Promise<MyClaw> {
  const id = await findMyClaw(sql, userId);
  const instance = id === null ? null : await getInstance(sql, id, catalog);
  const isEntitled = await entitled(sql, tenantId, ENTITLEMENT);
  return {
    entitled: isEntitled,
    instance,
    ready: instance?.status.ready ?? false,
    notReady: instance ? whyNotReady(instance) : await whyNone(sql, isEntitled),
  };
}

/**
 * Accepts a claw of the caller's own, in the caller's transaction; null when there is one. Two requests at once make one. Throws
 * NOT_ENTITLED and whatever refuses an instance.
 */
export async function createMyClaw(sql: pg.PoolClient, context: RequestContext, catalog: ClawCatalog, type: string): Promise<Created | null> {
  const { tenantId, userId } = actorOf(context);
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`my-claw ${tenantId} ${userId}`]);
  if ((await findMyClaw(sql, userId)) !== null) return null;
  await assertEntitled(sql, tenantId, ENTITLEMENT);
  return createInstance(sql, context, catalog, { name: await freeName(sql, userId), type, labels: {} }, userId);
}

/** The oldest one that lives: a person may have been given more. */
async function findMyClaw(sql: pg.ClientBase, userId: string): Promise<string | null> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM instance WHERE owner_id = $1 AND destroyed_at IS NULL ORDER BY id LIMIT 1', [userId]);
  return rows[0]?.id ?? null;
}

/** Named after the person; with a number where somebody has that name already. */
async function freeName(sql: pg.ClientBase, userId: string): Promise<string> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM auth."user" WHERE id = $1', [userId]);
  const name = clawNameOf(rows[0]?.name ?? '');
  const taken = await sql.query('SELECT 1 FROM instance WHERE name = $1 AND destroyed_at IS NULL LIMIT 1', [name]);
  return taken.rowCount === 0 ? name : `${name}-${randomInt(1000, 10_000)}`;
}

/** A name for the claw of somebody with this name, e.g. `ada-claw`. */
export function clawNameOf(person: string): string {
  const [first = ''] = person
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  return first === '' ? 'my-claw' : `${first.slice(0, NAME_CHARACTERS)}-claw`;
}

function whyNotReady({ status }: InstanceView): NotReady | null {
  if (status.ready) return null;
  const reason = status.reason ?? status.phase;
  return { reason, message: status.message ?? `It is ${status.phase}.`, nextStep: isFailureCode(reason) ? FAILURES[reason].nextStep : null };
}

async function whyNone(sql: pg.ClientBase, isEntitled: boolean): Promise<NotReady | null> {
  if (!isEntitled) return told('NOT_ENTITLED');
  const { rowCount } = await sql.query('SELECT 1 FROM host WHERE connected AND info IS NOT NULL LIMIT 1');
  return rowCount === 0 ? told('HOST_OFFLINE') : null;
}

function told(code: 'NOT_ENTITLED' | 'HOST_OFFLINE'): NotReady {
  return { reason: code, message: FAILURES[code].title, nextStep: FAILURES[code].nextStep };
}
