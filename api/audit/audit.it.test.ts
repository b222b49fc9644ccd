import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditHash } from '../../prisma/audit-chain.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';
import type { AuditEntryView, AuditVerdict } from './audit.schema.ts';
import { pruneAudit } from './audit-retention.ts';
import { verifyPiece } from './audit-verify.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;
let stranger: Stranger;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  tenantId = (await call('GET /me')).body.tenant.id;
  await Promise.all(
    Array.from({ length: 5 }, (_, n) => call('POST /instances', { name: `a-${n}`, labels: { 'z/b': '1', a: '2' }, resources: { cpu: '10m', memory: '64Mi' } })),
  );
  await call('POST /api-keys', { name: 'another', scopes: ['read'] });
  stranger = await addStranger(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, as = key, headers: Record<string, string> = {}) => world.call(request, body, { key: as, headers });
const list = async (query = '', as = key): Promise<AuditEntryView[]> => (await call(`GET /audit?${query}`, undefined, as)).body.items;
const verify = async (as = key): Promise<AuditVerdict> => (await call('GET /audit/verify', undefined, as)).body;

/** Somebody with the rights of the database's owner changes something, and later everything is as it was. */
async function tampered(statements: readonly string[], later: () => Promise<unknown> = async () => undefined): Promise<AuditVerdict> {
  await world.rows('CREATE TABLE kept_event AS SELECT * FROM audit_event');
  await world.rows('CREATE TABLE kept_head AS SELECT * FROM audit_head');
  try {
    for (const statement of statements) await world.rows(statement);
    await later();
    return await verify();
  } finally {
    await world.rows('DELETE FROM audit_event');
    await world.rows('INSERT INTO audit_event SELECT * FROM kept_event');
    await world.rows('DELETE FROM audit_head');
    await world.rows('INSERT INTO audit_head SELECT * FROM kept_head');
    await world.rows('DROP TABLE kept_event');
    await world.rows('DROP TABLE kept_head');
  }
}

describe('the chain', () => {
  it('holds every act of a tenant without gaps, in an order that hashes prove', async () => {
    const events = await world.rows(
      `SELECT id, tenant_id AS "tenantId", seq, actor, action, target, before, after, request_id AS "requestId", ip, at, result, reason,
         user_agent AS "userAgent", hash FROM audit_event ORDER BY seq`,
    );
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map((event) => event.action))).toEqual(new Set(['platform.set-up', 'instance.create', 'api-key.create']));
    let previous = '';
    for (const { hash, at, reason, userAgent, ...link } of events) {
      const whole = { ...link, at: (at as Date).toISOString(), reason: reason ?? undefined, userAgent: userAgent ?? undefined };
      expect(auditHash(previous, whole as never), link.action as string).toBe(hash);
      previous = hash as string;
    }
    expect(await world.rows('SELECT seq, hash FROM audit_head')).toEqual([{ seq: events.length, hash: previous }]);
  });

  it('holds no secret in it', async () => {
    const [row] = await world.rows<{ text: string }>(
      "SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), ' ') AS text FROM audit_event",
    );
    expect(row!.text).not.toMatch(/clp_|hash/);
  });

  it('is proved to its end, in one go and in pieces', async () => {
    expect(await verify()).toMatchObject({ state: 'intact', checked: 7, from: 1, to: 7, total: 7, cutUpTo: 0, broken: null });
    const inTenant = <T>(work: (sql: pg.ClientBase) => Promise<T>) => world.deps.database.withTenantSql(tenantId, work);
    const pieces: AuditVerdict[] = [];
    for (let cursor: string | undefined; ; ) {
      const piece = await verifyPiece(inTenant, tenantId, world.deps.auditSeal, cursor, 3);
      pieces.push(piece);
      if (piece.state !== 'more') break;
      cursor = piece.nextCursor ?? undefined;
    }
    expect(pieces.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['more', 1, 3],
      ['more', 4, 6],
      ['intact', 7, 7],
    ]);
    expect((await call('GET /audit/verify?cursor=bm9uc2Vuc2U')).status).toBe(422);
  });

  it.each([
    ['a row that is gone', ['DELETE FROM audit_event WHERE seq = 3'], { kind: 'missing', seq: 3 }],
    ['the first row that is gone', ['DELETE FROM audit_event WHERE seq = 1'], { kind: 'missing', seq: 1 }],
    ['an edited row', [`UPDATE audit_event SET after = '{"name": "other"}' WHERE seq = 4`], { kind: 'edited', seq: 4 }],
    ['a row of which only who asked was edited', ["UPDATE audit_event SET actor = 'usr_x' WHERE seq = 2"], { kind: 'edited', seq: 2 }],
    ['a row of which only the result was edited', ["UPDATE audit_event SET result = 'refused' WHERE seq = 2"], { kind: 'edited', seq: 2 }],
    ['a row whose result was taken away', ['UPDATE audit_event SET result = NULL WHERE seq = 2'], { kind: 'edited', seq: 2 }],
    [
      'two rows that changed places',
      ['UPDATE audit_event SET seq = 100 WHERE seq = 2', 'UPDATE audit_event SET seq = 2 WHERE seq = 5', 'UPDATE audit_event SET seq = 5 WHERE seq = 100'],
      { kind: 'edited', seq: 2 },
    ],
    ['a tail that was cut off', ['DELETE FROM audit_event WHERE seq > 5'], { kind: 'cut', seq: 6 }],
    [
      'a tail that was cut off with its head put back',
      ['DELETE FROM audit_event WHERE seq > 5', 'UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_event WHERE seq = 5)'],
      { kind: 'head', seq: 5 },
    ],
    [
      'a tail that was cut off with a head that says nothing',
      ['DELETE FROM audit_event WHERE seq > 5', 'UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_event WHERE seq = 5), signature = NULL'],
      { kind: 'unsigned', seq: 5 },
    ],
    [
      'a beginning that was cut off as if it had been old',
      [
        'UPDATE audit_head SET cut_seq = 2, cut_hash = (SELECT hash FROM audit_event WHERE seq = 2), cut_signature = signature',
        'DELETE FROM audit_event WHERE seq <= 2',
      ],
      { kind: 'anchor', seq: 2 },
    ],
    ['everything gone but the head', ['DELETE FROM audit_event'], { kind: 'cut', seq: 1 }],
    ['everything gone with a head that begins anew', ['DELETE FROM audit_event', "UPDATE audit_head SET seq = 0, hash = ''"], { kind: 'head', seq: 0 }],
    [
      'everything gone with an end that never was',
      ['DELETE FROM audit_event', "UPDATE audit_head SET seq = 0, hash = '', signature = NULL"],
      { kind: 'head', seq: 0 },
    ],
    ['everything gone, the end too', ['DELETE FROM audit_event', 'DELETE FROM audit_head'], { kind: 'head', seq: 0 }],
    ['entries whose end is gone', ['DELETE FROM audit_head'], { kind: 'head', seq: 0 }],
  ])('gives away %s', async (_what, statements, broken) => {
    expect(await tampered(statements)).toMatchObject({ state: 'broken', broken });
    expect((await verify()).state).toBe('intact');
  });

  it('gives away a chain that was taken away whole, also when a new one has begun in its place', async () => {
    const begun = await tampered(['DELETE FROM audit_event', 'DELETE FROM audit_head'], () => call('POST /api-keys', { name: 'begins anew' }));
    expect(begun).toMatchObject({ state: 'broken', total: 1, broken: { kind: 'missing', seq: 1 } });
  });
});

describe('a list of entries', () => {
  it('names who did it with which key, to what, from where', async () => {
    await call('POST /api-keys', { name: 'named' }, key, { 'user-agent': 'a-test/1.0', 'x-request-id': 'request-of-the-test' });
    const [entry] = await list('action=api-key.create');
    expect(entry).toMatchObject({
      actor: { kind: 'key', name: 'Ada', key: { name: 'set-up' } },
      action: 'api-key.create',
      target: { kind: 'api-key', name: 'named' },
      result: 'done',
      reason: null,
      before: null,
      after: { name: 'named' },
      requestId: 'request-of-the-test',
      userAgent: 'a-test/1.0',
    });
    expect((await call('GET /system/trace?id=request-of-the-test')).body).toMatchObject({
      kind: 'request',
      requestId: 'request-of-the-test',
      operationIds: [],
    });
    expect(entry?.ip).toMatch(/127\.0\.0\.1|::1/);
  });

  it('still has the name of what is gone', async () => {
    const made = await call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] });
    await call(`DELETE /providers/${made.body.id}`);
    expect((await list(`target=${made.body.id}`)).map(({ action, target }) => [action, target.name])).toEqual([
      ['provider.delete', 'acme'],
      ['provider.create', 'acme'],
    ]);
    expect(JSON.stringify(await list(`target=${made.body.id}`))).not.toContain('sk-test');
  });

  it('is cut by actor, action, target, result and time', async () => {
    const all = await list('limit=200');
    const [first] = all;
    const oldest = all.at(-1);
    expect(new Set((await list('action=instance')).map(({ action }) => action))).toEqual(new Set(['instance.create']));
    expect((await list(`actor=${oldest?.actor.id}`)).length).toBe(all.length);
    expect((await list(`actor=${first?.actor.key?.id}`)).every(({ actor }) => actor.key?.id === first?.actor.key?.id)).toBe(true);
    expect(await list('actor=usr_nobody')).toEqual([]);
    expect(await list('result=failed')).toEqual([]);
    expect((await list(`since=${first?.at}`)).every(({ at }) => at >= (first?.at ?? ''))).toBe(true);
    expect((await list(`until=${oldest?.at}`)).every(({ at }) => at < (oldest?.at ?? ''))).toBe(true);
    expect((await call('GET /audit?action=%27')).body).toMatchObject({ status: 422, errors: [{ path: '/query/action' }] });
  });

  it('is read page by page without a gap or a repetition', async () => {
    const all = await list('limit=200');
    const read: AuditEntryView[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await call(`GET /audit?limit=2${cursor && `&cursor=${cursor}`}`);
      read.push(...body.items);
      if (!body.nextCursor) break;
      cursor = body.nextCursor;
    }
    expect(read.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
    expect((await call('GET /audit?cursor=bm9uc2Vuc2U')).status).toBe(422);
  });

  it('is for owners and admins of the tenant, and shows another tenant nothing', async () => {
    expect(await list('', stranger.key)).toEqual([]);
    expect(await verify(stranger.key)).toMatchObject({ checked: 0, total: 0 });
    for (const [role, status] of [
      ['admin', 200],
      ['operator', 403],
      ['viewer', 403],
    ] as const) {
      const { key: theirs } = await addStranger(world, role, ['read'], tenantId);
      for (const path of ['/audit', '/audit/export', '/audit/verify'])
        expect((await call(`GET ${path}`, undefined, theirs)).status, `${role} ${path}`).toBe(status);
    }
  });
});

describe('an export', () => {
  const text = async (query: string) => String((await call(`GET /audit/export?${query}`)).body);

  it('is every entry that matches, oldest first, one per line, with the hashes that prove it', async () => {
    const lines = (await text('action=instance'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntryView);
    expect(lines.map(({ seq }) => seq)).toEqual((await list('action=instance&limit=200')).map(({ seq }) => seq).toReversed());
    expect((await list('action=audit.export'))[0]).toMatchObject({ after: { action: 'instance', format: 'ndjson' } });
  });

  it('as CSV cannot make a spreadsheet compute', async () => {
    const name = '=HYPERLINK("http://example.com","x")';
    await call('POST /api-keys', { name });
    const csv = await text('format=csv&action=api-key');
    expect(csv.split('\r\n')[0]).toContain('seq,at,actor_id');
    expect(csv).toContain(`"'=HYPERLINK(""http://example.com"",""x"")"`);
    expect(csv).not.toMatch(/(^|,)"?[=+@-]/m);
  });
});

describe('what was refused', () => {
  it('is an entry of its own, once a minute, with the reason', async () => {
    const viewer = await addStranger(world, 'viewer', ['read', 'write'], tenantId);
    const [instance] = (await call('GET /instances')).body.items;
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await call(`POST /instances/${instance.id}/stop`, undefined, viewer.key)).status).toBe(403);
    const refused = await list('result=refused');
    expect(refused).toMatchObject([{ action: 'instance.stop', target: { id: instance.id, name: instance.name }, reason: 'FORBIDDEN', after: null }]);
    expect((await verify()).state).toBe('intact');
  });
});

describe('retention', () => {
  it('cuts off what is old and leaves a chain that can be proved and goes on', async () => {
    const before = await verify();
    await world.rows("UPDATE audit_event SET at = at - interval '400 days' WHERE seq <= 4");
    // Dated back they are not what was written; what comes after them is.
    expect((await verify()).broken).toMatchObject({ kind: 'edited', seq: 1 });
    expect(await pruneAudit(world.deps.systemPool, world.deps.auditSeal, 365)).toBe(4);
    expect(await verify()).toMatchObject({ state: 'intact', from: 5, cutUpTo: 4, total: before.total });
    await call('POST /api-keys', { name: 'after the cut' });
    expect(await verify()).toMatchObject({ state: 'intact', from: 5, total: before.total + 1 });
    expect(await pruneAudit(world.deps.systemPool, world.deps.auditSeal, 365)).toBe(0);
  });

  it('is what the platform says for one tenant, and nobody else may say it', async () => {
    const { id } = (await call('POST /tenants', { name: 'Brief' })).body.tenant;
    const keep = (days: number | null, as = key) => call(`PUT /tenants/${id}`, { auditKeepDays: days }, as);
    const { key: owners } = await addStranger(world, 'owner', ['read', 'write'], id);
    expect((await keep(60, owners)).status).toBe(403);
    expect((await keep(29)).body).toMatchObject({ status: 422, errors: [{ path: '/auditKeepDays' }] });
    const later = new Date(Date.now() + 100 * 24 * 3600_000);
    const prune = () => pruneAudit(world.deps.systemPool, world.deps.auditSeal, 365, later);
    expect((await keep(101)).body).toMatchObject({ auditKeepDays: 101 });
    expect(await prune()).toBe(0);
    expect((await keep(60)).body).toMatchObject({ auditKeepDays: 60 });
    expect(await prune()).toBeGreaterThan(2);
    expect(await world.rows('SELECT 1 FROM audit_event WHERE tenant_id = $1', [id])).toEqual([]);
    expect((await keep(null)).body).toMatchObject({ auditKeepDays: null });
    const inTenant = <T>(work: (sql: pg.ClientBase) => Promise<T>) => world.deps.database.withTenantSql(id, work);
    expect(await verifyPiece(inTenant, id, world.deps.auditSeal)).toMatchObject({ state: 'intact', checked: 1 });
  });

  it('does not take a new entry along with one that was dated back', async () => {
    const { total } = await verify();
    await world.rows('UPDATE audit_event SET at = $1 WHERE seq = $2', ['2020-01-01T00:00:00.000Z', total]);
    expect(await pruneAudit(world.deps.systemPool, world.deps.auditSeal, 365)).toBe(0);
    expect((await verify()).broken).toMatchObject({ kind: 'edited', seq: total });
  });
});

it('the application can move the end of the chain and nothing else of it', async () => {
  const client = new pg.Client({ connectionString: world.database.appUrl });
  const gone = once(client, 'end');
  await client.connect();
  try {
    await client.query("SELECT set_config('app.tenant', $1, false)", [tenantId]);
    for (const statement of ["UPDATE audit_event SET action = 'x'", 'DELETE FROM audit_event', 'DELETE FROM audit_head', 'UPDATE audit_head SET cut_seq = 5'])
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
    await gone;
  }
});
