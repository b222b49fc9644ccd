import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../deploy/local/testing/loopback.ts';
import { type MailReceiver, type MailReceiverOptions, startMailReceiver } from '../../deploy/local/testing/mail-receiver.ts';
import { inTransaction } from '../../prisma/client.ts';
import { mailWorkflowId } from '../../workflows/contracts/ids.ts';
import { type ApiWorld, addStranger, openApiWorld } from '../testing/api-world.ts';

const FROM = 'ClawLoops <claws@example.com>';
const LINK = 'https://claws.example.com/reset#code=c0ffee-canary';
/** Where mail goes in every test; what answers there is the test's own. */
let port: number;
let world: ApiWorld;
let receiver: MailReceiver | null = null;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  port = await freePort();
  world = await openApiWorld({ env: { MAIL_FROM: FROM } });
});

afterEach(async () => {
  for (const worker of workers.splice(0)) await kill(worker);
  await receiver?.close();
  receiver = null;
});

afterAll(() => world.close());

async function receive(options: Omit<MailReceiverOptions, 'port'> = {}): Promise<MailReceiver> {
  receiver = await startMailReceiver({ ...options, port });
  return receiver;
}

/** A worker as it runs in production. */
function work(): ChildProcess {
  const { config } = world.deps;
  const env = Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => (typeof value === 'string' && !name.startsWith('METRICS') ? [[name, value]] : [])),
  );
  const script = fileURLToPath(new URL('../../activities/worker.ts', import.meta.url));
  const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: { ...process.env, ...env, API_URL: world.api.url, SMTP_URL: `smtp://127.0.0.1:${port}`, LOG_LEVEL: 'fatal' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

const write = (to: string) =>
  inTransaction(world.deps.database.pool, (sql) =>
    world.deps.mailbox.enqueue(sql, { tenantId: null, to, template: 'reset-password', locale: 'ja', vars: { name: 'Ada', link: LINK } }),
  );

async function message(id: string) {
  const [row] = await world.rows<{ state: string; sealed: string | null; attempts: number; error: { code: string } | null }>(
    'SELECT state, sealed, attempts, error FROM mail_message WHERE id = $1',
    [id],
  );
  return row;
}

it('arrives in the language of the person, and what it said is kept nowhere', async () => {
  const { received } = await receive();
  const id = await write('ada@example.com');
  expect((await message(id))?.sealed).not.toContain('canary');
  work();
  await expect.poll(() => message(id)).toMatchObject({ state: 'sent', sealed: null, error: null });
  expect(received).toMatchObject([{ to: 'ada@example.com', subject: 'パスワードの再設定', messageId: `<${id}@example.com>` }]);
  expect(received[0]?.text).toContain(LINK);
  const rows = await world.rows<{ payload: unknown }>('SELECT payload FROM outbox WHERE key = $1', [id]);
  expect(rows).toEqual([{ payload: { mailId: id } }]);
  const history = await world.deps.temporal.workflow.getHandle(mailWorkflowId(id)).fetchHistory();
  expect(JSON.stringify(history)).not.toContain(Buffer.from('canary').toString('base64').slice(0, 6));
  expect(world.logged()).not.toContain('canary');
});

it('is not sent when the transaction that asked for it comes to nothing', async () => {
  const { database, mailbox } = world.deps;
  const undone = inTransaction(database.pool, async (sql) => {
    await mailbox.enqueue(sql, { tenantId: null, to: 'a@example.com', template: 'verify-email', locale: 'en', vars: { name: 'A', link: LINK } });
    throw new Error('something else failed');
  });
  await expect(undone).rejects.toThrow('something else failed');
  expect(await world.rows("SELECT 1 FROM mail_message WHERE recipient = 'a@example.com'")).toEqual([]);
});

it('arrives under the same id when the worker is killed in the middle of handing it over', async () => {
  const silent = await receive({ hold: true });
  const first = work();
  const id = await write('ada@example.com');
  await expect.poll(() => silent.held).toBe(1);
  await kill(first);
  await silent.close();
  const { received } = await receive();
  work();
  await expect.poll(() => message(id)).toMatchObject({ state: 'sent', sealed: null });
  expect(received.map(({ messageId }) => messageId)).toEqual([`<${id}@example.com>`]);
});

it('waits for a mail server that is away, and says why meanwhile', async () => {
  work();
  const id = await write('ada@example.com');
  await expect.poll(() => message(id)).toMatchObject({ state: 'waiting', error: { code: 'MAIL_UNAVAILABLE' } });
  await receive();
  await expect.poll(() => message(id)).toMatchObject({ state: 'sent', error: null });
});

it('ends as failed when the server will never take it', async () => {
  const { received } = await receive({ refused: ['nobody@example.com'] });
  work();
  const id = await write('nobody@example.com');
  await expect.poll(() => message(id)).toMatchObject({ state: 'failed', sealed: null, attempts: 1, error: { code: 'MAIL_REFUSED' } });
  expect(received).toEqual([]);
});

it('is of the tenant that sends it, which sees how it went but never what it said', async () => {
  const { database, mailbox } = world.deps;
  const mine = await addStranger(world);
  const theirs = await addStranger(world);
  const invitation = { inviter: 'Ada', tenant: 'Acme', role: 'viewer', link: LINK, expiresAt: '2026-11-24T10:00:00Z' };
  const invite = (tenantId: string) =>
    database.withTenantSql(mine.tenantId, (sql) =>
      mailbox.enqueue(sql, { tenantId, to: 'b@example.com', template: 'invitation', locale: 'en', vars: invitation }),
    );
  await expect(invite(theirs.tenantId)).rejects.toMatchObject({ code: '42501' });
  const id = await invite(mine.tenantId);
  const look = (tenantId: string, columns: string) =>
    database.withTenantSql(tenantId, async (sql) => (await sql.query(`SELECT ${columns} FROM mail_message WHERE id = $1`, [id])).rows);
  expect(await look(mine.tenantId, 'state')).toEqual([{ state: 'waiting' }]);
  expect(await look(theirs.tenantId, 'state')).toEqual([]);
  await expect(look(mine.tenantId, 'sealed')).rejects.toBeInstanceOf(pg.DatabaseError);
});
