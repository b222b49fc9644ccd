import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeOpenAi, startFakeOpenAi } from '../deploy/local/testing/fake-openai.ts';
import { type Fleet, startFleet } from '../deploy/local/testing/fleet.ts';
import type { InstanceView } from '../workflows/contracts/instance.ts';
import type { OperationView } from '../workflows/contracts/operation.ts';
import { unpackBundle } from './lib/bundle.ts';
import { startClaw } from './testing/run-claw.ts';

const ECHO = fileURLToPath(new URL('../docs/examples/echo.claw-type.yaml', import.meta.url));
const EMAIL = 'ada@example.com';
const PASSWORD = `correct-${crypto.randomUUID()}`;

/** One platform and one person at a terminal; the tests build on one another as a working day does. */
describe('claw against a whole platform', () => {
  let fleet: Fleet;
  let provider: FakeOpenAi;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'claw-it-'));
    [fleet, provider] = await Promise.all([startFleet({ setUp: false }), startFakeOpenAi({ refusedKeys: ['sk-refused'] })]);
  });
  afterAll(async () => {
    await provider?.close();
    await fleet?.close();
    await rm(home, { recursive: true, force: true });
  });

  const start = (args: readonly string[], stdin?: string, env: Record<string, string> = {}) =>
    startClaw(args, { env: { XDG_CONFIG_HOME: home, ...env }, ...(stdin === undefined ? {} : { stdin }) });
  const claw = (...args: string[]) => start(args).finished;
  /** The standard output of a command that must succeed. */
  const said = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await claw(...args);
    if (code !== 0) throw new Error(`claw ${args.join(' ')} ended with ${code}:\n${err}`);
    return out;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await said(...args, '-o', 'json')) as T;
  const echo = (name: string, ...more: string[]) => said('create', name, '--type', 'echo', '--memory', '128Mi', '--cpu', '100m', ...more);

  test('sets up the first admin with a password from a pipe and keeps a key for this machine', async () => {
    const code = fleet.platform.setupToken ?? '';
    const args = ['setup', '--url', fleet.platform.url, '--token', code, '--email', EMAIL, '--name', 'Ada', '--password-stdin'];
    const first = await start(args, `${PASSWORD}\n`).finished;
    expect(first).toMatchObject({ code: 0, err: '' });
    const file = join(home, 'clawloops', 'config.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { apiKey } = JSON.parse(await readFile(file, 'utf8')).profiles.default;
    expect(first.out).not.toContain(apiKey);
    expect(await said('whoami')).toContain(`Ada <${EMAIL}>, owner of`);
    expect(await said('whoami', '-o', 'name')).toBe(`${EMAIL}\n`);
    const again = await start(args, PASSWORD).finished;
    expect(again.code).toBeGreaterThan(0);
    expect(again.err).toMatch(/SETUP_(DONE|CODE_INVALID)/);
  });

  test('registers a claw type from its manifest and refuses one that is none', async () => {
    expect(await said('type', 'apply', '-f', ECHO)).toContain('echo is registered');
    expect((await said('type', 'list', '-o', 'name')).split('\n')).toEqual(expect.arrayContaining(['echo', 'openclaw']));
    const { code, err } = await start(['type', 'apply', '-f', '-'], 'kind: Other\n').finished;
    expect(code).toBe(2);
    expect(err).toContain('/kind');
  });

  test('creates an instance, tells each step, and shows it in every form', async () => {
    const { code, out, err } = await claw(
      'create',
      'sales-bot',
      '--type',
      'echo',
      '--label',
      'env=dev',
      '--set',
      'greeting=hi: ',
      '--memory',
      '128Mi',
      '--cpu',
      '100m',
      '--wait',
    );
    expect({ code, out }).toEqual({ code: 0, out: 'sales-bot is Running.\n' });
    expect(err).toMatch(/^create sales-bot \(op_/);
    expect(err).toContain('  apply-workload: done');
    expect(err).toMatch(/create sales-bot: succeeded in \d+/);
    const instance = await json<InstanceView>('get', 'sales-bot');
    // Its host may still tell something of it between two looks.
    for (const reference of ['sales-bot', instance.id]) {
      const both = async () => [await json('get', reference), (await fleetApi(`/instances/${instance.id}`)).data];
      await expect.poll(both).toSatisfy(([said, answered]: unknown[]) => isDeepStrictEqual(said, answered));
    }
    expect(await said('get', '-l', 'env=dev', '-o', 'name')).toBe('sales-bot\n');
    expect(await said('get', '-l', 'env!=dev', '-o', 'name')).toBe('');
    expect(await said('get')).toMatch(/^NAME +PHASE[^\n]*\nsales-bot +Running +echo/);
    expect(await said('describe', 'sales-bot')).toMatch(/greeting +instance +"hi: "/);
    expect(await said('__complete', '--', 'stop', 'sal')).toBe('sales-bot\n');
    expect(await said('open', 'sales-bot', '--logs')).toBe(`${fleet.platform.url}/instances/${instance.id}/logs\n`);
  });

  /** What the API itself answers, asked with the profile's key. */
  async function fleetApi(path: string): Promise<{ data: unknown }> {
    const { apiKey } = JSON.parse(await readFile(join(home, 'clawloops', 'config.json'), 'utf8')).profiles.default;
    const response = await fetch(`${fleet.platform.url}/api/v1${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    return { data: await response.json() };
  }

  test('talks to a claw, by argument and through a pipe', async () => {
    const { code, out, err } = await claw('chat', 'sales-bot', 'Who are you?', '--model');
    expect({ code, start: out.slice(0, 4) }).toEqual({ code: 0, start: 'hi: ' });
    expect(out).toMatch(/demo/i);
    expect(err).toBe('model: demo\n');
    expect((await start(['chat', 'sales-bot'], 'From a pipe').finished).out).toMatch(/^hi: /);
  });

  test('prints the log of a claw, and follows it until it is interrupted', async () => {
    expect(await said('logs', 'sales-bot', '--tail', '50')).toContain('"listening"');
    const following = start(['logs', 'sales-bot', '--follow']);
    await following.printed('"listening"');
    following.interrupt();
    expect((await following.finished).code).toBe(130);
  });

  test('changes a running claw and waits until it has taken the change', async () => {
    await said('update', 'sales-bot', '--set', 'greeting=hello: ', '--label', 'env-', '--label', 'team=sales', '--wait');
    const instance = await json<InstanceView>('get', 'sales-bot');
    expect(instance.labels).toEqual({ team: 'sales' });
    expect(instance.spec.config.overrides).toEqual([{ key: 'greeting', value: 'hello: ' }]);
    expect(await said('chat', 'sales-bot', 'Again')).toMatch(/^hello: /);
    expect((await claw('update', 'sales-bot')).code).toBe(2);
  });

  test('watches the list and prints each change once, one object per line', async () => {
    const watching = start(['get', '--watch', '-o', 'json']);
    await watching.printed('"sales-bot"');
    await said('update', 'sales-bot', '--label', 'seen=yes');
    await watching.printed('"seen":"yes"');
    watching.interrupt();
    const { code, out } = await watching.finished;
    const rows = out.split('\n').filter(Boolean);
    expect(code).toBe(130);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.map((row) => (JSON.parse(row) as InstanceView).name)).toEqual(rows.map(() => 'sales-bot'));
  });

  test('stops, starts and kills, and says in which phase an action is not allowed', async () => {
    expect(await said('stop', 'sales-bot', '--wait')).toBe('sales-bot is Stopped.\n');
    const illegal = await claw('stop', 'sales-bot');
    expect(illegal.code).toBe(6);
    expect(illegal.err).toContain('(ILLEGAL_TRANSITION)');
    expect(await said('start', 'sales-bot', '--wait')).toBe('sales-bot is Running.\n');
    expect((await claw('kill', 'sales-bot')).code).toBe(2);
    expect(await said('kill', 'sales-bot', '--force', '--wait')).toBe('sales-bot is Stopped.\n');
    expect(await said('restart', 'sales-bot').catch(({ message }: Error) => message)).toContain('ILLEGAL_TRANSITION');
  });

  test('tells bad input field by field, and what is not there, with their exit codes', async () => {
    const badName = await claw('create', 'Bad_Name', '--type', 'echo');
    expect(badName).toMatchObject({ code: 2, out: '' });
    expect(badName.err).toMatch(/\(VALIDATION_FAILED\)\n {2}\/name: .*\n {2}Next: .*\n {2}Request: /);
    expect((await claw('create', 'sales-bot', '--type', 'echo')).code).toBe(6);
    const version = await claw('create', 'other', '--type', 'echo', '--version', '9.9.9');
    expect(version).toMatchObject({ code: 2, out: '' });
    expect(version.err).toContain('UNKNOWN_VERSION');
    expect((await claw('create', 'other', '--type', 'echo', '--set', 'nonsense=1', '--dry-run')).err).toContain('INVALID_CONFIG');
    expect((await claw('get', 'nobody')).code).toBe(3);
    expect((await claw('describe', 'ins_00000000000000000000')).code).toBe(3);
    expect((await claw('get', '-l', 'a=b=c')).code).toBe(2);
    expect(await said('get', '-o', 'name')).toBe('sales-bot\n');
  });

  test('stops waiting after the time-out while the operation goes on, and a person ends it', async () => {
    const { code, err } = await claw(
      'create',
      'never-ready',
      '--type',
      'echo',
      '--memory',
      '128Mi',
      '--cpu',
      '100m',
      '--set',
      'failReady=true',
      '--wait',
      '--timeout',
      '3s',
    );
    expect(code).toBe(5);
    const id = /claw operations watch (op_\w+)/.exec(err)?.[1] ?? '';
    const [operation] = (await json<{ items: OperationView[] }>('operations', 'list', '--instance', 'never-ready')).items;
    expect(operation).toMatchObject({ id, kind: 'create', finishedAt: null });
    const watching = start(['operations', 'watch', id]);
    await watching.printed('create never-ready');
    expect(await said('operations', 'cancel', id)).toContain('create never-ready');
    const watched = await watching.finished;
    expect(watched.code).toBe(1);
    expect(watched.err).toContain('create never-ready: cancelled');
    await said('destroy', 'never-ready', '--wipe', '--yes', '--wait');
  });

  test('goes on waiting while the API is killed and comes back', async () => {
    const waiting = start(['create', 'patient', '--type', 'echo', '--memory', '128Mi', '--cpu', '100m', '--set', 'startDelayMs=3000', '--wait']);
    await waiting.printed('apply-workload');
    await fleet.platform.part('api').kill('SIGKILL');
    await fleet.platform.part('api').waitReady();
    const { code, out } = await waiting.finished;
    expect({ code, out }).toEqual({ code: 0, out: 'patient is Running.\n' });
  });

  test('stops and starts all that a selector finds, and lists those that were refused', async () => {
    await said('update', 'patient', '--label', 'team=sales', '--wait');
    const unasked = await claw('stop', '--labels', 'team=sales');
    expect(unasked).toMatchObject({ code: 2, out: '' });
    expect(unasked.err).toMatch(/^stop: 2 instances with team=sales\n.*\n {2}patient +Running.*\n {2}sales-bot +Stopped/);
    const partly = await claw('stop', '--labels', 'team=sales', '--yes', '--wait');
    expect(partly).toMatchObject({ code: 1, out: 'patient is Stopped.\n' });
    expect(partly.err).toMatch(/claw: 1 of 2 could not be done\. \(PARTLY_REFUSED\)\n {2}sales-bot: .*\(ILLEGAL_TRANSITION\)/);
    expect(await said('start', '-l', 'team=sales', '--yes', '--wait')).toBe('patient is Running.\nsales-bot is Running.\n');
    const told = (await said('restart', '-l', 'team=sales', '--yes', '-o', 'json')).split(/^(?=\{)/m).map((text) => JSON.parse(text));
    const restarted = (name: string) =>
      expect.objectContaining({ operation: expect.objectContaining({ kind: 'restart' }), instance: expect.objectContaining({ name }) });
    expect(told).toEqual([restarted('patient'), restarted('sales-bot')]);
    for (const { operation } of told) await said('operations', 'watch', operation.id);
    expect((await claw('kill', '-l', 'team=nobody', '--yes')).code).toBe(3);
  });

  test('makes and revokes API keys; a revoked one is refused', async () => {
    const { out: secret, err } = await claw('api-key', 'create', 'for a script', '--scope', 'read');
    expect(secret).toMatch(/^clp_\S+\n$/);
    expect(err).toMatch(/^Key key_/);
    const env = { CLAW_URL: fleet.platform.url, CLAW_API_KEY: secret.trim() };
    expect((await start(['get', '-o', 'name'], '', env).finished).code).toBe(0);
    expect((await start(['stop', 'patient'], '', env).finished).code).toBe(4);
    await said('api-key', 'revoke', 'for a script');
    const refused = await start(['get'], '', env).finished;
    expect(refused.code).toBe(4);
    expect(refused.out + refused.err).not.toContain(secret.trim());
  });

  test('adds a provider with its key from a pipe, verifies it with a real call, and tells a refused one', async () => {
    const add = (name: string, key: string) =>
      start(['provider', 'add', '--kind', 'openai', '--name', name, '--base-url', provider.url, '--model', 'gpt-test', '--key-stdin'], key).finished;
    expect(await add('acme', 'sk-valid')).toMatchObject({ code: 0, out: 'acme is verified.\n' });
    expect(provider.requests.some(({ headers }) => headers.authorization === 'Bearer sk-valid')).toBe(true);
    const refused = await add('wrong', 'sk-refused');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('PROVIDER_CREDENTIAL_INVALID');
    expect(refused.err + refused.out + (await said('provider', 'list', '-o', 'yaml'))).not.toMatch(/sk-(valid|refused)/);
    expect(await said('get', 'models', '-o', 'name')).toContain('acme/gpt-test\n');
    await said('provider', 'remove', 'wrong', '--yes');
    expect(await said('provider', 'list', '-o', 'name')).toBe('acme\n');
  });

  test('shows the health of the platform and the fleet', async () => {
    const text = await said('status');
    expect(text).toMatch(/^Platform: /);
    expect(text).toMatch(/Fleet: 2 instances/);
    expect(await said('get', 'hosts', '-o', 'wide')).toMatch(/online/);
    const doctor = async () => {
      const { code, out } = await claw('doctor', '-o', 'json');
      const { status, components } = JSON.parse(out);
      expect(code).toBe(status === 'down' ? 1 : 0);
      return components;
    };
    const well = ['profile', 'api', 'sign-in', 'database', 'workflow-engine', 'worker', expect.stringMatching(/^host /)];
    // A part that was slow to answer is not well for that moment.
    await expect.poll(doctor).toEqual(expect.arrayContaining(well.map((name) => expect.objectContaining({ name, status: 'ok' }))));
  });

  test('writes a support bundle without secrets, for its owner only, and what there is of one while the platform is away', async () => {
    const file = join(home, 'bundle.tar.gz');
    const { code, out, err } = await claw('support-bundle', '--output', file);
    expect({ code, out }, err).toEqual({ code: 0, out: `${file}\n` });
    expect(err).toContain('Nothing was sent anywhere.');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const files = await unpackBundle(await readFile(file));
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['doctor.json', 'about.json', 'health.json', 'instances.json', 'logs/api.log']));
    const { apiKey } = JSON.parse(await readFile(join(home, 'clawloops', 'config.json'), 'utf8')).profiles.default;
    const text = files.map((one) => one.text).join('');
    for (const secret of [apiKey, PASSWORD, EMAIL, 'sk-valid']) expect(text).not.toContain(secret);
    expect((await claw('support-bundle', '--output', file)).code).toBe(6);
    const away = join(home, 'away.tar.gz');
    const env = { CLAW_URL: 'http://127.0.0.1:9', CLAW_API_KEY: apiKey, CLAWLOOPS_DATA_DIR: fleet.platform.dataDir };
    expect((await start(['support-bundle', '--output', away], '', env).finished).code).toBe(0);
    expect((await unpackBundle(await readFile(away))).map(({ name }) => name)).toEqual(expect.arrayContaining(['doctor.json', 'logs/api.log']));
  });

  test('signs in with the password and out again, taking the key along', async () => {
    const second = { CLAW_PROFILE: 'second' };
    const wrong = await start(['login', '--url', fleet.platform.url, '--email', EMAIL, '--password-stdin'], 'not the password', second).finished;
    expect(wrong.code).toBe(4);
    expect((await start(['login', '--url', fleet.platform.url, '--email', EMAIL, '--password-stdin'], PASSWORD, second).finished).code).toBe(0);
    const { apiKey } = JSON.parse(await readFile(join(home, 'clawloops', 'config.json'), 'utf8')).profiles.second;
    expect((await start(['whoami'], '', second).finished).out).toContain('profile "second"');
    expect((await start(['logout'], '', second).finished).code).toBe(0);
    expect((await start(['get'], '', { CLAW_URL: fleet.platform.url, CLAW_API_KEY: apiKey }).finished).code).toBe(4);
    expect(await said('whoami')).toContain('profile "default"');
  });

  test('destroys several at once and leaves nothing to find', async () => {
    await echo('one-more', '--label', 'env=gone');
    const { code, err } = await claw('destroy', 'sales-bot', 'patient', 'nobody', '--wipe', '--yes', '--wait');
    expect(code).toBe(3);
    expect(err).toContain('There is no instance "nobody" here.');
    expect(await said('destroy', '--labels', 'env=gone', '--wipe', '--yes', '--wait')).toBe('one-more is destroyed.\n');
    expect(await said('get', '-o', 'name')).toBe('');
    expect((await claw('get', 'sales-bot')).code).toBe(3);
  });
});
