import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, addStranger, type CallOptions, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let hostId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  hostId = await hostOnline(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, options: CallOptions = {}) => world.call(request, body, { key, ...options });
const small = { type: 'openclaw', resources: { cpu: '10m', memory: '64Mi' } };

async function create(name: string, more: object = {}) {
  const answer = await call('POST /instances', { name, ...small, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.instance;
}

/** What the entity would have recorded, so that the API meets an instance in this phase without a worker. */
async function inPhase(id: string, phase: string, ready = phase === 'Running') {
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1 AND finished_at IS NULL", [id]);
  await world.rows('UPDATE instance SET intent_phase = $2, observed_ready = $3 WHERE id = $1', [id, phase, ready]);
}

describe('creating an instance', () => {
  it('accepts it with its operation, command, events and audit in one transaction', async () => {
    const answer = await call('POST /instances', { name: 'first', labels: { env: 'prod' }, ...small });
    expect(answer.status).toBe(202);
    expect(answer.body.instance).toMatchObject({
      name: 'first',
      generation: 1,
      labels: { env: 'prod' },
      spec: { placement: { driver: 'host', hostId }, resources: { cpu: '10m', memory: '64Mi' } },
      status: { phase: 'Creating', ready: false, operation: { kind: 'create', state: 'pending' } },
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/operations/${answer.body.operation.id}`);
    const { id } = answer.body.instance;
    expect(await world.rows("SELECT payload->>'seq' AS seq FROM outbox WHERE key = $1 AND kind = 'command'", [id])).toEqual([{ seq: '1' }]);
    expect(await world.rows('SELECT action FROM audit_event WHERE target = $1', [id])).toEqual([{ action: 'instance.create' }]);
    expect(await world.rows('SELECT slot FROM host_slot WHERE instance_id = $1', [id])).toHaveLength(1);
  });

  const refusals: [string, object, number, string, string][] = [
    ['an unknown field', { name: 'x1', colour: 'red' }, 422, 'VALIDATION_FAILED', '/colour'],
    ['a wrong type', { name: 42 }, 422, 'VALIDATION_FAILED', '/name'],
    ['a missing name', {}, 422, 'VALIDATION_FAILED', '/name'],
    ['a bad name', { name: 'Not A Name' }, 422, 'VALIDATION_FAILED', '/name'],
    ['an unknown field deep inside', { name: 'x1', resources: { gpu: '1' } }, 422, 'VALIDATION_FAILED', '/resources/gpu'],
    ['a quantity that is none', { name: 'x1', resources: { memory: 'lots' } }, 422, 'VALIDATION_FAILED', '/resources/memory'],
    ['resources of zero', { name: 'x1', resources: { memory: '0' } }, 422, 'VALIDATION_FAILED', '/resources/memory'],
    ['a label with control characters', { name: 'x1', labels: { env: 'a\u0007b' } }, 422, 'VALIDATION_FAILED', '/labels/env'],
    ['a label name with control characters', { name: 'x1', labels: { 'e\nv': 'a' } }, 422, 'VALIDATION_FAILED', '/labels/e\nv'],
    ['too many labels', { name: 'x1', labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, 'x'])) }, 422, 'VALIDATION_FAILED', '/labels'],
    [
      'a setting named twice',
      {
        name: 'x1',
        config: {
          overrides: [
            { key: 'a.b', value: 1 },
            { key: 'a.b', value: 2 },
          ],
        },
      },
      422,
      'VALIDATION_FAILED',
      '/config/overrides/1/key',
    ],
    ['an unknown claw type', { name: 'x1', type: 'zebra' }, 422, 'UNKNOWN_TYPE', '/type'],
    ['an unknown claw version', { name: 'x1', version: '0.0.1' }, 422, 'UNKNOWN_VERSION', '/version'],
    [
      'a setting that the claw does not know',
      { name: 'x1', config: { overrides: [{ key: 'model.colour', value: 'red' }] } },
      422,
      'INVALID_CONFIG',
      '/config/overrides/0',
    ],
    ['more memory than the host has', { name: 'x1', resources: { memory: '9Gi' } }, 422, 'CAPACITY_EXCEEDED', '/resources/memory'],
    ['more CPUs than the host has', { name: 'x1', resources: { memory: '64Mi', cpu: '5' } }, 422, 'CAPACITY_EXCEEDED', '/resources/cpu'],
    ['a host that is not there', { name: 'x1', ...small, placement: { hostId: `hst_${'0'.repeat(20)}` } }, 404, 'NOT_FOUND', '/placement/hostId'],
    ['a project that is not there', { name: 'x1', ...small, projectId: `prj_${'0'.repeat(20)}` }, 404, 'NOT_FOUND', '/projectId'],
  ];
  it.each(refusals)('refuses %s and leaves nothing behind', async (_what, body, status, code, path) => {
    const before = await counts();
    const answer = await call('POST /instances', body);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.body.errors.map((error: { path: string }) => error.path).join()).toContain(path);
    expect(answer.body.nextStep).not.toBe('');
    expect(await counts()).toEqual(before);
  });

  async function counts() {
    const [row] = await world.rows(`SELECT (SELECT count(*) FROM instance) AS instances, (SELECT count(*) FROM operation) AS operations,
      (SELECT count(*) FROM host_slot) AS slots, (SELECT count(*) FROM audit_event) AS audits, (SELECT count(*) FROM outbox WHERE kind = 'command') AS commands`);
    return row;
  }

  it('gives a name to one living instance only, also when many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST /instances', { name: 'wanted', ...small })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 202))
      expect(body).toMatchObject({ code: 'NAME_TAKEN', status: 409, errors: [{ path: '/name' }] });
    expect(await world.rows("SELECT id FROM instance WHERE name = 'wanted'")).toHaveLength(1);
    expect(await world.rows('SELECT 1 FROM host_slot s LEFT JOIN instance i ON i.id = s.instance_id WHERE i.id IS NULL')).toEqual([]);
  });

  it('never promises more memory than the host has, however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => call('POST /instances', { name: `big-${n}`, resources: { cpu: '10m', memory: '2Gi' } })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    for (const { body } of answers.filter(({ status }) => status !== 202)) expect(body.code).toBe('CAPACITY_EXCEEDED');
    await world.rows('DELETE FROM host_slot WHERE memory_bytes = $1', [2 * 2 ** 30]);
  });

  it('only says what it would do with dryRun=true', async () => {
    const good = await call('POST /instances?dryRun=true', { name: 'dry', ...small });
    expect(good.body).toMatchObject({ valid: true, spec: { type: 'openclaw', placement: { hostId } }, errors: [] });
    const invalid = await call('POST /instances?dryRun=true', { name: 'Dry!' });
    expect(invalid).toMatchObject({ status: 200, body: { valid: false, spec: null, problem: { code: 'VALIDATION_FAILED' }, errors: [{ path: '/name' }] } });
    const taken = await call('POST /instances?dryRun=true', { name: 'first', ...small });
    expect(taken.body).toMatchObject({ valid: false, problem: { code: 'NAME_TAKEN' } });
    expect(await world.rows("SELECT id FROM instance WHERE name = 'dry'")).toEqual([]);
  });
});

describe('repeating a request with the same Idempotency-Key', () => {
  it('answers like the first time and has one effect, also when both come at once', async () => {
    const send = () => call('POST /instances', { name: 'once', ...small }, { headers: { 'idempotency-key': 'k-1' } });
    const [first, second] = await Promise.all([send(), send()]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.operation.id).toBe(first.body.operation.id);
    expect((await send()).headers.get('idempotency-replayed')).toBe('true');
    expect(await world.rows("SELECT id FROM instance WHERE name = 'once'")).toHaveLength(1);
  });

  it('refuses the key for another request', async () => {
    await call('POST /instances', { name: 'twice', ...small }, { headers: { 'idempotency-key': 'k-2' } });
    const other = await call('POST /instances', { name: 'thrice', ...small }, { headers: { 'idempotency-key': 'k-2' } });
    expect(other.body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_MISMATCH' });
  });

  it('lets a refused request be corrected under the same key', async () => {
    const headers = { 'idempotency-key': 'k-3' };
    expect((await call('POST /instances', { name: 'first', ...small }, { headers })).body.code).toBe('NAME_TAKEN');
    expect((await call('POST /instances', { name: 'corrected', ...small }, { headers })).status).toBe(202);
  });

  it('keeps the secret of a new API key sealed in its record', async () => {
    const send = () => call('POST /api-keys', { name: 'repeated' }, { headers: { 'idempotency-key': 'k-4' } });
    const first = await send();
    expect((await send()).body).toEqual(first.body);
    const [record] = await world.rows("SELECT body::text AS body FROM idempotency_record WHERE key = 'k-4'");
    expect(record!.body).not.toContain(first.body.secret.split('_')[2]);
  });
});

describe('changing an instance', () => {
  it('takes a change that is based on the present version and refuses a lost race', async () => {
    const { id } = await create('changed');
    await inPhase(id, 'Running');
    const read = await call(`GET /instances/${id}`);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toBe('"1"');
    const put = await call(
      `PUT /instances/${id}`,
      { name: 'renamed', labels: { team: 'a' }, resources: { memory: '128Mi' } },
      { headers: { 'if-match': etag } },
    );
    expect(put.body.instance).toMatchObject({ name: 'renamed', generation: 2, labels: { team: 'a' }, spec: { resources: { cpu: '10m', memory: '128Mi' } } });
    expect(await world.rows('SELECT memory_bytes::integer AS memory FROM host_slot WHERE instance_id = $1', [id])).toEqual([{ memory: 128 * 2 ** 20 }]);
    const late = await call(`PUT /instances/${id}`, { name: 'too-late' }, { headers: { 'if-match': etag } });
    expect(late.body).toMatchObject({ status: 412, code: 'GENERATION_MISMATCH' });
    expect((await call(`PUT /instances/${id}`, { name: 'x' })).body.errors).toMatchObject([{ path: '/headers/if-match' }]);
  });

  it('refuses a name that is taken, an unknown field and a setting that is wrong, and changes nothing', async () => {
    const { id } = await create('kept');
    await inPhase(id, 'Running');
    const headers = { 'if-match': '"1"' };
    expect((await call(`PUT /instances/${id}`, { name: 'first' }, { headers })).body).toMatchObject({ code: 'NAME_TAKEN' });
    expect((await call(`PUT /instances/${id}`, { version: '1' }, { headers })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: '/version' }],
    });
    const wrong = await call(`PUT /instances/${id}`, { config: { overrides: [{ key: 'logging.level', value: 7 }] } }, { headers });
    expect(wrong.body).toMatchObject({ code: 'INVALID_CONFIG', errors: [{ path: '/config/overrides/0/value' }] });
    expect((await call(`GET /instances/${id}`)).body).toMatchObject({ name: 'kept', generation: 1 });
  });

  it('does one operation after the other, pre-empts with kill, and says what is possible', async () => {
    const { id } = await create('ordered');
    expect((await call(`POST /instances/${id}/stop`)).body).toMatchObject({ status: 409, code: 'ILLEGAL_TRANSITION' });
    await inPhase(id, 'Running');
    const stop = await call(`POST /instances/${id}/stop`);
    expect(stop.body.operation).toMatchObject({ seq: 2, kind: 'stop', state: 'pending' });
    const restart = await call(`POST /instances/${id}/restart`);
    expect(restart.body).toMatchObject({ status: 409, code: 'OPERATION_IN_PROGRESS' });
    expect(restart.body.detail).toContain('kill, destroy');
    expect((await call(`POST /instances/${id}/kill`)).body.operation).toMatchObject({ seq: 3, kind: 'kill' });
    expect((await call(`DELETE /instances/${id}?retention=wipe`)).body.operation).toMatchObject({ seq: 4, kind: 'destroy' });
    expect(await world.rows("SELECT params FROM operation WHERE instance_id = $1 AND kind = 'destroy'", [id])).toEqual([{ params: { retention: 'wipe' } }]);
    expect((await call(`POST /instances/${id}/kill`)).body).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  it('gives concurrent operations of one instance an order without gaps', async () => {
    const { id } = await create('raced');
    await inPhase(id, 'Running');
    const answers = await Promise.all(['stop', 'restart', 'kill', 'rotate-key'].map((kind) => call(`POST /instances/${id}/${kind}`)));
    const accepted = answers.filter(({ status }) => status === 202).length;
    const seqs = await world.rows<{ seq: number }>('SELECT seq FROM operation WHERE instance_id = $1 ORDER BY seq', [id]);
    expect(seqs.map(({ seq }) => seq)).toEqual(Array.from({ length: accepted + 1 }, (_, n) => n + 1));
    const [{ generation }] = (await world.rows('SELECT generation FROM instance WHERE id = $1', [id])) as [{ generation: number }];
    expect(generation).toBe(accepted + 1);
  });

  it('edits and retries a failed create, with what was edited checked first', async () => {
    const { id } = await create('retried');
    await inPhase(id, 'Failed', false);
    expect((await call(`POST /instances/${id}/retry`, { specPatch: { version: '0.0.1' } })).body).toMatchObject({
      code: 'UNKNOWN_VERSION',
      errors: [{ path: '/specPatch/version' }],
    });
    const retried = await call(`POST /instances/${id}/retry`, { specPatch: { resources: { memory: '96Mi' } } });
    expect(retried.body).toMatchObject({ operation: { kind: 'retry' }, instance: { spec: { resources: { memory: '96Mi' } } } });
    await inPhase(id, 'Failed', false);
    expect((await call(`POST /instances/${id}/retry`)).status).toBe(202);
  });

  it('holds the answer with ?wait until the operation ended', async () => {
    const { id } = await create('waited');
    await inPhase(id, 'Running');
    const waiting = call(`POST /instances/${id}/stop?wait=60s`);
    await expect.poll(async () => (await world.rows("SELECT id FROM operation WHERE instance_id = $1 AND kind = 'stop'", [id])).length).toBe(1);
    await inPhase(id, 'Stopped', false);
    await world.rows("INSERT INTO outbox (tenant_id, kind, key, payload) SELECT tenant_id, 'event', id, '{}' FROM instance WHERE id = $1", [id]);
    expect((await waiting).body).toMatchObject({ operation: { state: 'succeeded' }, instance: { status: { phase: 'Stopped' } } });
    expect((await call(`POST /instances/${id}/start?wait=1s`)).body.operation.state).toBe('pending');
    expect((await call(`POST /instances/${id}/start?wait=999s`)).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/query/wait' }] });
  });
});

describe('reading instances', () => {
  it('shows why a claw that should run does not answer', async () => {
    const { id } = await create('troubled');
    await inPhase(id, 'Running', false);
    const fact = { phase: 'backing-off', error: { code: 'OUT_OF_MEMORY', message: 'It used 70 MiB of 64 MiB.' } };
    await world.rows('UPDATE instance SET observed_fact = $2, observed_restarts = 3, observed_at = now() WHERE id = $1', [id, JSON.stringify(fact)]);
    const { status } = (await call(`GET /instances/${id}`)).body;
    expect(status).toMatchObject({ phase: 'Starting', ready: false, restarts: 3, reason: 'OUT_OF_MEMORY', message: 'It used 70 MiB of 64 MiB.' });
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'GatewayReady', status: 'False', reason: 'OUT_OF_MEMORY' }));
  });

  it('pages by key through every order without losing or repeating one', async () => {
    for (let n = 0; n < 7; n += 1) await create(`page-${n % 2}${n}`, { labels: { set: 'paging' } });
    for (const sort of ['createdAt', '-createdAt', 'name', '-name', 'phase', '-phase']) {
      const names: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await call(`GET /instances?labels=set=paging&limit=3&sort=${sort}${cursor ? `&cursor=${cursor}` : ''}`);
        expect(page.body.items.length).toBeLessThanOrEqual(3);
        expect(page.body.total).toBe(cursor === null ? 7 : undefined);
        names.push(...page.body.items.map((item: { name: string }) => item.name));
        cursor = page.body.nextCursor;
      } while (cursor);
      expect(new Set(names).size, sort).toBe(7);
      expect(names, sort).toHaveLength(7);
      if (sort.endsWith('name')) expect(sort === 'name' ? names : names.reverse()).toEqual([...names].sort());
    }
    expect((await call('GET /instances?cursor=bm9uc2Vuc2U')).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/query/cursor' }] });
  });

  it('shows in a list what an instance is now, however often it was listed before', async () => {
    const { id } = await create('relisted', { labels: { list: 'again' } });
    const listed = async () => (await call('GET /instances?labels=list=again')).body.items;
    expect(await listed()).toEqual([(await call(`GET /instances/${id}`)).body]);
    await inPhase(id, 'Running');
    expect(await listed()).toMatchObject([{ status: { phase: 'Running', operation: null } }]);
    const stopping = (await call(`POST /instances/${id}/stop`)).body.operation;
    expect(await listed()).toMatchObject([{ status: { operation: { id: stopping.id, state: 'pending' } } }]);
    await world.rows("UPDATE operation SET state = 'retrying' WHERE id = $1", [stopping.id]);
    expect(await listed()).toMatchObject([{ status: { operation: { id: stopping.id, state: 'retrying' } } }]);
    expect(await listed()).toEqual([(await call(`GET /instances/${id}`)).body]);
  });

  it('finds an instance by its present labels only', async () => {
    const { id } = await create('relabelled', { labels: { colour: 'red', size: 'l' } });
    await inPhase(id, 'Running');
    const found = async (selector: string) => (await call(`GET /instances?labels=${encodeURIComponent(selector)}`)).body.total;
    expect([await found('colour=red'), await found('size')]).toEqual([1, 1]);
    const changed = await call(`PUT /instances/${id}`, { labels: { colour: 'blue' } }, { headers: { 'if-match': '*' } });
    expect(changed.status).toBe(202);
    expect([await found('colour=red'), await found('size'), await found('colour=blue,!size')]).toEqual([0, 0, 1]);
  });

  it('selects by labels as Kubernetes does', async () => {
    await create('lab-a', { labels: { pick: 'x', env: 'prod' } });
    await create('lab-b', { labels: { pick: 'x', env: 'test' } });
    await create('lab-c', { labels: { pick: 'x' } });
    const names = async (selector: string) =>
      (await call(`GET /instances?sort=name&labels=${encodeURIComponent(`pick=x,${selector}`)}`)).body.items.map((item: { name: string }) => item.name);
    expect(await names('env=prod')).toEqual(['lab-a']);
    expect(await names('env!=prod')).toEqual(['lab-b', 'lab-c']);
    expect(await names('env')).toEqual(['lab-a', 'lab-b']);
    expect(await names('!env')).toEqual(['lab-c']);
    expect((await call('GET /instances?labels=a=b=c')).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/query/labels' }] });
  });

  it('filters by phase, type, host and part of the name, and takes wildcards literally', async () => {
    expect((await call('GET /instances?q=lab-')).body.total).toBe(3);
    expect((await call('GET /instances?q=%25')).body.total).toBe(0);
    expect((await call('GET /instances?type=zebra')).body.items).toEqual([]);
    expect((await call(`GET /instances?hostId=${hostId}&phase=Creating,Running`)).body.total).toBeGreaterThan(0);
    expect((await call('GET /instances?phase=Sleeping')).body.code).toBe('VALIDATION_FAILED');
    expect((await call('GET /instances?colour=red')).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/query/colour' }] });
    expect((await call('GET /instances?limit=201')).body.code).toBe('VALIDATION_FAILED');
  });

  it('tells the effective configuration and where each setting comes from', async () => {
    const { id } = await create('configured', { config: { overrides: [{ key: 'logging.level', value: 'debug' }] } });
    const { effective, provenance } = (await call(`GET /instances/${id}/config`)).body;
    expect(effective.logging.level).toBe('debug');
    expect(provenance).toContainEqual(expect.objectContaining({ key: 'logging.level', value: 'debug', source: 'instance' }));
    expect(provenance.some((line: { source: string }) => line.source === 'default')).toBe(true);
  });
});

describe("another tenant's instance", () => {
  it('is not there for anything', async () => {
    const mine = await create('private');
    const [operation] = (await call(`GET /instances/${mine.id}/operations`)).body.items;
    const { key: strange } = await addStranger(world);
    const requests = ['GET', 'DELETE'].map((method) => `${method} /instances/${mine.id}`);
    for (const verb of ['start', 'stop', 'restart', 'kill', 'rotate-key', 'retry']) requests.push(`POST /instances/${mine.id}/${verb}`);
    for (const part of ['operations', 'config', 'logs', 'usage']) requests.push(`GET /instances/${mine.id}/${part}`);
    requests.push(`GET /operations/${operation.id}`, `POST /operations/${operation.id}/cancel`);
    for (const request of requests) expect((await call(request, undefined, { key: strange })).body, request).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await call(`PUT /instances/${mine.id}`, { name: 'stolen' }, { key: strange, headers: { 'if-match': '*' } })).status).toBe(404);
    expect((await call('GET /instances', undefined, { key: strange })).body.items).toEqual([]);
    expect((await call('GET /operations', undefined, { key: strange })).body.items).toEqual([]);
  });
});
