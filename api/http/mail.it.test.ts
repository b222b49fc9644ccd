import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildWorkflowBundle } from '../../activities/build-workflow-bundle.ts';
import { ended, printed } from '../../deploy/local/testing/child.ts';
import { freePort } from '../../deploy/local/testing/loopback.ts';
import { type MailReceiver, type MailReceiverOptions, startMailReceiver } from '../../deploy/local/testing/mail-receiver.ts';
import { inTransaction } from '../../prisma/client.ts';
import { mailWorkflowId } from '../../workflows/contracts/ids.ts';
import { type ApiWorld, addStranger, openApiWorld } from '../testing/api-world.ts';

const FROM = 'ClawLoops <claws@example.com>';
const LINK = 'https://claws.example.com/reset#code=c0ffee-canary';
/** A machine that does much else takes its time; a test is judged by what happens. */
const PATIENCE = { timeout: 240_000 };
/** Where mail goes in every test; what answers there is the test's own. */
let port: number;
let world: ApiWorld;
let bundle: string;
let worker: ChildProcess;
let receiver: MailReceiver | null = null;

beforeAll(async () => {
  port = await freePort();
  world = await openApiWorld({ env: { MAIL_FROM: FROM } });
  bundle = path.join(mkdtempSync(path.join(tmpdir(), 'clawloops-mail-')), 'workflows.js');
  writeFileSync(bundle, await buildWorkflowBundle());
  worker = await work();
});

afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

afterAll(async () => {
  await kill(worker);
  rmSync(path.dirname(bundle), { recursive: true, force: true });
  await world.close();
});

async function receive(options: Omit<MailReceiverOptions, 'port'> = {}): Promise<MailReceiver> {
  receiver = await startMailReceiver({ ...options, port });
  return receiver;
}

/** A worker as it runs in production, once it works. */
async function work(): Promise<ChildProcess> {
  const texts = Object.entries(world.deps.config).filter(([name, value]) => typeof value === 'string' && !name.startsWith('METRICS'));
  const script = fileURLToPath(new URL('../../activities/worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: {
      ...process.env,
      ...(Object.fromEntries(texts) as Record<string, string>),
      API_URL: world.api.url,
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      WORKFLOW_BUNDLE: bundle,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await printed(child, 'worker started');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
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
  await expect.poll(() => message(id), PATIENCE).toMatchObject({ state: 'sent', sealed: null, error: null });
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
  const id = await write('ada@example.com');
  await expect.poll(() => silent.held, PATIENCE).toBe(1);
  await kill(worker);
  await silent.close();
  const { received } = await receive();
  worker = await work();
  await expect.poll(() => message(id), PATIENCE).toMatchObject({ state: 'sent', sealed: null });
  expect(received.map(({ messageId }) => messageId)).toEqual([`<${id}@example.com>`]);
});

it('waits for a mail server that is away, and says why meanwhile', async () => {
  const id = await write('ada@example.com');
  await expect.poll(() => message(id), PATIENCE).toMatchObject({ state: 'waiting', error: { code: 'MAIL_UNAVAILABLE' } });
  await receive();
  await expect.poll(() => message(id), PATIENCE).toMatchObject({ state: 'sent', error: null });
});

it('ends as failed when the server will never take it', async () => {
  const { received } = await receive({ refused: ['nobody@example.com'] });
  const id = await write('nobody@example.com');
  await expect.poll(() => message(id), PATIENCE).toMatchObject({ state: 'failed', sealed: null, attempts: 1, error: { code: 'MAIL_REFUSED' } });
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
