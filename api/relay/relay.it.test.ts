import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../deploy/local/testing/database.ts';
import { freePort, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

/** The way to the real Temporal server, which a test can cut. */
class Wire {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  async open(): Promise<void> {
    const [host = '', port = ''] = temporalAddress().split(':');
    const server = createServer((near) => {
      const far = dial(Number(port), host);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    this.port ||= await freePort();
    await listenOnLoopback(server, this.port);
    this.#server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve) ?? resolve(null));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const wire = new Wire();
let world: ApiWorld;
let key: string;

beforeAll(async () => {
  await wire.open();
  world = await openApiWorld({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${wire.port}` } });
  key = await setUp(world);
  await hostOnline(world);
});

afterAll(async () => {
  await world.close();
  await wire.cut();
});

const small = { resources: { cpu: '10m', memory: '64Mi' } };

async function accept(name: string) {
  const { status, body } = await world.call('POST /instances', { name, ...small }, { key });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.instance.id as string;
}

async function pending(instanceId: string): Promise<number> {
  const rows = await world.rows("SELECT 1 FROM outbox WHERE key = $1 AND kind = 'command' AND delivered_at IS NULL", [instanceId]);
  return rows.length;
}

/** Operation numbers of the signals in the history of an entity, in the order they arrived. */
async function signalled(instanceId: string): Promise<number[]> {
  const { createTemporalClient } = await import('../../activities/platform/temporal/connection.ts');
  const { readKeyRing } = await import('../../activities/platform/secrets.ts');
  const client = createTemporalClient({
    address: temporalAddress(),
    namespace: world.deps.config.TEMPORAL_NAMESPACE,
    keyRing: readKeyRing(world.deps.config.CLAWLOOPS_KEY_FILE),
  });
  try {
    const history = await client.workflow.getHandle(instanceWorkflowId(instanceId)).fetchHistory();
    const payloads = (history.events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? []);
    const decoded = await Promise.all((client.options.loadedDataConverter.payloadCodecs ?? []).map((codec) => codec.decode(payloads)));
    const opened = decoded[0] ?? payloads;
    return opened.map((payload) => (JSON.parse(new TextDecoder().decode(payload.data ?? undefined)) as { seq: number }).seq);
  } finally {
    await client.connection.close();
  }
}

describe('the relay', () => {
  it('starts the entity of a new instance with its first command', async () => {
    const id = await accept('delivered');
    await expect.poll(() => pending(id)).toBe(0);
    expect(await signalled(id)).toEqual([1]);
  });

  it('keeps accepting while the workflow engine is away, and delivers everything once and in order when it is back', async () => {
    await wire.cut();
    const id = await accept('patient');
    for (const verb of ['kill', 'retry']) expect((await world.call(`POST /instances/${id}/${verb}`, undefined, { key })).status).toBe(202);
    expect(await pending(id)).toBe(3);
    // An answer may be a second old.
    const health = async () => (await world.call('GET /system/health', undefined, { key })).body;
    await expect.poll(async () => (await health()).components).toContainEqual(expect.objectContaining({ name: 'workflow-engine', status: 'down' }));
    await expect.poll(async () => (await health()).relay.pending).toBeGreaterThanOrEqual(3);
    await wire.open();
    await expect.poll(() => pending(id)).toBe(0);
    expect(await signalled(id)).toEqual([1, 2, 3]);
  });

  it('ends an operation whose entity has ended, instead of starting that again', async () => {
    const id = await accept('ended');
    await expect.poll(() => pending(id)).toBe(0);
    await world.deps.temporal.workflow.getHandle(instanceWorkflowId(id)).terminate('a test');
    const { body } = await world.call(`POST /instances/${id}/kill?wait=60s`, undefined, { key });
    expect(body.operation).toMatchObject({ state: 'failed', error: { code: 'ILLEGAL_TRANSITION' } });
  });

  it('is taken over by another process, which delivers what was committed and not delivered', async () => {
    const second = await world.second();
    await wire.cut();
    const id = await accept('inherited');
    await world.api.close();
    await wire.open();
    await expect.poll(() => pending(id)).toBe(0);
    expect(await signalled(id)).toEqual([1]);
    await expect.poll(async () => (await fetch(`${second.url}/readyz`)).status).toBe(200);
  });

  it('goes on after every connection to the database was cut', async () => {
    const third = await world.second();
    const cut = await world.asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('clawloops_app', 'clawloops_system')");
    expect(cut).toBeGreaterThan(3);
    const [instance] = await world.rows<{ id: string; tenant_id: string }>("SELECT id, tenant_id FROM instance WHERE name = 'delivered'");
    await world.rows("INSERT INTO outbox (tenant_id, kind, key, payload) VALUES ($1, 'command', $2, $3)", [
      instance!.tenant_id,
      instance!.id,
      JSON.stringify({ operationId: 'op_x', seq: 2, kind: 'kill', generation: 2, params: {} }),
    ]);
    await expect.poll(() => pending(instance!.id)).toBe(0);
    expect(await signalled(instance!.id)).toEqual([1, 2]);
    await expect.poll(async () => (await fetch(`${third.url}/readyz`)).status).toBe(200);
  });
});
