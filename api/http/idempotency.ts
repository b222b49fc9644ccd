import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Actor } from './request-context.ts';

/** What a route answers. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON; a {@link JsonText}, a buffer and a stream as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that its caller may repeat without a second effect. */
export interface RepeatableRequest {
  readonly key: string;
  readonly actor: Actor;
  /** operationId of the route. */
  readonly route: string;
  /** Everything that makes it this request: parameters, query and body. */
  readonly content: unknown;
  /** Keep the answer sealed, because it holds a secret. */
  readonly secretAnswer: boolean;
}

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The header's value, or null. Throws VALIDATION_FAILED when it is not 1 to 200 printable characters. */
export function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  const message = 'must be 1 to 200 printable ASCII characters';
  throw new Failure('VALIDATION_FAILED', `The Idempotency-Key ${message}.`, { errors: [{ path: '/headers/idempotency-key', message }] });
}

/**
 * Runs `work` unless the same request was answered before, in which case it gets the first answer. Record and effects live in one
 * transaction: either both are there or none. A second request with the key waits until the first one's transaction ends.
 */
export async function answerOnce(sql: pg.PoolClient, secrets: SecretBox, request: RepeatableRequest, work: () => Promise<Reply>): Promise<Reply> {
  const { key, actor, route } = request;
  const bodyHash = createHash('sha256')
    .update(JSON.stringify(request.content) ?? '')
    .digest('hex');
  const identity = [actor.tenantId, actor.userId, key];
  const claimed = await sql.query(
    'INSERT INTO idempotency_record (tenant_id, actor, key, route, body_hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
    [...identity, route, bodyHash],
  );
  if (claimed.rowCount === 0) {
    const { rows } = await sql.query<StoredAnswer>(
      'SELECT route, body_hash, status, body FROM idempotency_record WHERE tenant_id = $1 AND actor = $2 AND key = $3',
      identity,
    );
    const [stored] = rows;
    if (!stored?.status || stored.route !== route || stored.body_hash !== bodyHash) throw new Failure('IDEMPOTENCY_MISMATCH');
    return openReply(stored, secrets, context(actor, key));
  }
  const reply = await work();
  const kept = {
    headers: reply.headers ?? {},
    ...(request.secretAnswer ? { sealed: await secrets.seal(JSON.stringify(reply.body), context(actor, key)) } : { body: reply.body }),
  };
  await sql.query('UPDATE idempotency_record SET status = $4, body = $5 WHERE tenant_id = $1 AND actor = $2 AND key = $3', [
    ...identity,
    reply.status,
    JSON.stringify(kept),
  ]);
  return reply;
}

interface StoredAnswer {
  readonly route: string;
  readonly body_hash: string;
  readonly status: number | null;
  readonly body: { readonly headers?: Record<string, string>; readonly body?: unknown; readonly sealed?: string } | null;
}

function context(actor: Actor, key: string): string {
  return `idempotency/${actor.tenantId}/${actor.userId}/${key}`;
}

async function openReply(stored: StoredAnswer, secrets: SecretBox, sealedFor: string): Promise<Reply> {
  const { headers = {}, body, sealed } = stored.body ?? {};
  const opened = sealed === undefined ? body : (JSON.parse(await secrets.open(sealed, sealedFor)) as unknown);
  return { status: stored.status ?? 200, headers: { ...headers, 'Idempotency-Replayed': 'true' }, ...(opened === undefined ? {} : { body: opened }) };
}
