import { expect, test } from 'vitest';
import type { components } from '../../frontend/src/api/schema.d.ts';
import type { HostView } from '../../workflows/contracts/host.ts';
import { diagnose, type Observations } from '../lib/diagnosis.ts';
import { CliError, ExitCode, problemError } from '../lib/errors.ts';
import { runClaw } from '../program/program.ts';
import { captureIo } from '../testing/capture.ts';
import { NOW } from '../testing/samples.ts';
import { formatDiagnosis } from './doctor.ts';

type Schemas = components['schemas'];

const context = { now: NOW, paint: (_format: unknown, text: string) => text };
const target = { url: 'http://claws.example:7700', apiKey: 'clp_topsecret', profile: 'default' };
const profile = { path: '/home/ada/.config/clawloops/config.json', mode: 0o600, email: 'ada@example.com', target };
const tenant = { id: 'ten_01kah3v5c0q2m4x6z8bb', name: 'Acme', state: 'active', role: 'owner' } as const;
const user = { id: 'usr_01kah3v5c0q2m4x6z8dd', name: 'Ada', email: 'ada@example.com' };
const project = { id: 'prj_01kah3v5c0q2m4x6z8cc', name: 'Main' };
const me = { user, tenant, tenants: [tenant], project, grants: [], platformRole: null, visiting: false, auth: 'key' as const, abilities: [] };
const host: HostView = {
  id: 'hst_01kah3v5c0q2m4x6z8ee',
  name: 'this-machine',
  state: 'online',
  instances: 3,
  reserved: { cpu: '3', memory: '6Gi' },
  unknownClaws: [],
  lastSeenAt: '2026-11-21T11:52:00.000Z',
  createdAt: NOW.toISOString(),
  info: {
    hostname: 'h',
    platform: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 8_193_000_000,
    diskFreeBytes: 1e11,
    bridgeVersion: '0.1.0',
    nodeVersion: '24.21.0',
    isolation: 'uid',
    limits: { memory: true, cpu: true, reason: null },
    ports: { base: 20_000, perSlot: 4, slots: 100 },
  },
};
const well: Observations = {
  claw: { version: '0.1.0', runtime: 'Node v24.21.0' },
  profile,
  me: { value: me, ms: 12 },
  health: {
    ms: 30,
    value: {
      status: 'ok',
      components: [
        {
          name: 'database',
          status: 'ok',
          version: '18.4',
          latencyMs: 2,
          since: '2026-11-21T10:00:00.000Z',
          facts: [
            { name: 'connections', value: 12, unit: 'count' },
            { name: 'size', value: 12_582_912, unit: 'bytes' },
          ],
        },
        {
          name: 'worker',
          status: 'ok',
          facts: [
            { name: 'build', value: '0f3a', unit: 'text' },
            { name: 'pollers', value: 1, unit: 'count', of: 'claw-core' },
            { name: 'queueLag', value: 0, unit: 'seconds', of: 'claw-core' },
          ],
        },
        { name: 'relay', status: 'ok', latencyMs: 1, facts: [] },
        {
          name: 'api-keys',
          status: 'ok',
          facts: [],
          message: 'The API key “old” was not used for 90 days.',
          nextStep: 'Revoke it if nobody needs it.',
          command: 'claw api-key revoke key_1',
        },
        { name: 'host', host: { id: host.id, name: host.name }, status: 'ok', facts: [{ name: 'isolation', value: 'uid', unit: 'text' }] },
      ],
      relay: { pending: 2, oldestSeconds: 3 },
      logLevels: [],
    },
  },
  hosts: { value: [host], ms: 9 },
  now: NOW,
};
const page = (observations: Observations): string => formatDiagnosis(diagnose(observations), context);

test('a platform that is well is one table from this machine to the hosts', () => {
  expect(page(well)).toMatchInlineSnapshot(`
    "All is well.

    PART               STATE  VERSION  ANSWERS IN
    claw               ok     0.1.0    -           Node v24.21.0
    profile            ok     -        -           "default" in /home/ada/.config/clawloops/config.json
    api                ok     -        12 ms       http://claws.example:7700
    sign-in            ok     -        -           ada@example.com, owner of Acme
    database           ok     18.4     2 ms
    worker             ok     -        -
    relay              ok     -        1 ms        2 to be delivered, the oldest for 3s
    api-keys           ok     -        -           The API key “old” was not used for 90 days.
    host this-machine  ok     0.1.0    -           3 claws

    In detail
      database: since 2h, connections 12, size 12 MiB
      worker: build 0f3a
        claw-core: pollers 1, queue lag 0s
      host this-machine: isolation uid

    What to do
      api-keys: Revoke it if nobody needs it. Run: claw api-key revoke key_1
    "
  `);
});

test('each thing that is wrong is named with what mends it, the worst first', () => {
  const parts = [
    {
      name: 'worker',
      status: 'down',
      latencyMs: 4,
      facts: [],
      message: 'No worker asks for work.',
      nextStep: 'Start the worker; accepted work is kept.',
      command: 'npm run up',
    },
    {
      name: 'relay',
      status: 'degraded',
      facts: [],
      message: '5 accepted items wait, the oldest for 40 s.',
      nextStep: 'Check the workflow engine; nothing is lost.',
    },
    { name: 'certificate', status: 'degraded', facts: [], message: 'It ends in 3 days.', nextStep: 'Renew it.' },
  ] satisfies Schemas['ComponentHealth'][];
  const full = { ...host, name: 'full', info: host.info && { ...host.info, diskFreeBytes: 5e8 } };
  const text = page({
    ...well,
    profile: { ...profile, mode: 0o644 },
    health: { value: { status: 'down', components: parts, relay: { pending: 5, oldestSeconds: 40 }, logLevels: [] }, ms: 30 },
    hosts: { value: [{ ...host, state: 'offline' }, full, { ...host, name: 'new', state: 'pending', info: null, instances: 0 }], ms: 9 },
  });
  expect(text).toMatchInlineSnapshot(`
    "Something is down.

    PART               STATE     VERSION  ANSWERS IN
    claw               ok        0.1.0    -           Node v24.21.0
    profile            degraded  -        -           "default" in /home/ada/.config/clawloops/config.json can be read by other users of this machine.
    api                ok        -        12 ms       http://claws.example:7700
    sign-in            ok        -        -           ada@example.com, owner of Acme
    worker             down      -        4 ms        No worker asks for work.
    relay              degraded  -        -           5 accepted items wait, the oldest for 40 s.
    certificate        degraded  -        -           It ends in 3 days.
    host this-machine  down      0.1.0    -           Its bridge has not been connected for 8m; 3 claws there.
    host full          degraded  0.1.0    -           Only 476.8 MiB of disk are free; 3 claws there.
    host new           degraded  -        -           It has never connected.

    What to do
      worker: Start the worker; accepted work is kept. Run: npm run up (log: logs/worker.log)
      host this-machine: On that machine: npm run status, then npm run up if it does not run; log: logs/bridge.log
      profile: chmod 600 /home/ada/.config/clawloops/config.json
      relay: Check the workflow engine; nothing is lost. (log: logs/api.log)
      certificate: Renew it.
      host full: Free disk, or destroy claws with --wipe.
      host new: Start the bridge on it: npm run up
    "
  `);
});

test('a key that is refused leads to the sign-in that renews it, and never shows the key', () => {
  const text = page({ ...well, me: { error: problemError(401, { detail: 'The key is not valid.', code: 'UNAUTHENTICATED' }) }, health: null, hosts: null });
  expect(text).toMatchInlineSnapshot(`
    "Something is down.

    PART     STATE  VERSION  ANSWERS IN
    claw     ok     0.1.0    -           Node v24.21.0
    profile  ok     -        -           "default" in /home/ada/.config/clawloops/config.json
    api      ok     -        -           http://claws.example:7700
    sign-in  down   -        -           The key is not valid. (UNAUTHENTICATED)

    What to do
      sign-in: claw login --url http://claws.example:7700 --email ada@example.com
    "
  `);
});

test('a slow way to the platform and parts that may not be asked are told', () => {
  const forbidden = new CliError(ExitCode.notAllowed, 'You may not see hosts.', { code: 'FORBIDDEN', nextStep: 'Ask an admin.' });
  const { status, components } = diagnose({ ...well, me: { value: me, ms: 4100 }, hosts: { error: forbidden } });
  expect(status).toBe('down');
  expect(components.find(({ name }) => name === 'api')).toMatchObject({ status: 'degraded', latencyMs: 4100 });
  expect(components.find(({ name }) => name === 'hosts')).toEqual({
    name: 'hosts',
    status: 'down',
    message: 'You may not see hosts. (FORBIDDEN)',
    fix: 'Ask an admin.',
  });
});

test('whoever is not signed in, or whose platform is away, is told so with exit code 1 and a way on', async () => {
  const run = async (env: Record<string, string>) => {
    const io = captureIo({ env: { XDG_CONFIG_HOME: '/nonexistent', ...env } });
    const code = await runClaw(['doctor', '-o', 'json'], io, '9.9.9');
    const { status, components } = JSON.parse(io.out());
    return { code, status, names: components.map(({ name }: { name: string }) => name), last: components.at(-1), text: io.out() + io.err() };
  };
  const nobody = await run({});
  expect(nobody).toMatchObject({ code: 1, status: 'down', names: ['claw', 'profile'], last: { fix: 'Sign in: claw login --url URL --email YOU' } });
  const away = await run({ CLAW_URL: 'http://127.0.0.1:1', CLAW_API_KEY: 'clp_topsecret' });
  expect(away).toMatchObject({ code: 1, names: ['claw', 'profile', 'api'], last: { status: 'down' } });
  expect(away.last.fix).toContain('npm run status');
  expect(away.text).not.toContain('topsecret');
});
