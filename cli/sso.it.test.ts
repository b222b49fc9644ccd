import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProvider, type TestProvider } from '../api/sso/testing/provider.ts';
import { type ApiWorld, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { startClaw } from './testing/run-claw.ts';

const CALLBACK = 'http://localhost:4310/api/v1/sso/callback';

let world: ApiWorld;
let provider: TestProvider;
let key: string;

beforeAll(async () => {
  [world, provider] = await Promise.all([openApiWorld(), startProvider(CALLBACK)]);
  key = await setUp(world);
});

afterAll(async () => {
  await world.close();
  await provider.close();
});

const claw = (args: readonly string[], stdin = '') => startClaw(args, { env: { CLAW_URL: world.api.url, CLAW_API_KEY: key }, stdin }).finished;

test('claw connects an identity provider, tries it, changes single settings of it and removes it', async () => {
  expect((await claw(['sso', 'show'])).out).toContain(CALLBACK);
  expect(await claw(['sso', 'test'])).toMatchObject({ code: 3 });
  expect(await claw(['sso', 'set', '--name', 'Acme'])).toMatchObject({ code: 2 });
  const first = ['--name', 'Acme', '--issuer', provider.issuer, '--client-id', provider.client.clientId, '--domain', 'acme.example'];
  const set = await claw(['sso', 'set', ...first, '--groups-claim', 'groups', '--group', 'cn=sre=operator', '--secret-stdin'], provider.client.clientSecret);
  expect([set.code, set.err]).toEqual([0, '']);
  expect(set.out).toMatch(/Provider +Acme \(on\)\n[\s\S]*Groups +cn=sre=operator \(claim groups\)\nOtherwise +member\n/);
  const tested = await claw(['sso', 'test']);
  expect([tested.code, tested.out.match(/passed/g)]).toEqual([0, ['passed', 'passed', 'passed', 'passed']]);
  const changed = JSON.parse((await claw(['sso', 'set', '--default-role', 'none', '--enforce', '-o', 'json'])).out).connection;
  expect(changed).toMatchObject({
    name: 'Acme',
    clientSecret: { present: true },
    groupRoles: [{ group: 'cn=sre', role: 'operator' }],
    defaultRole: null,
    enforced: true,
  });
  expect((await claw(['sso', 'set', '--client-id', 'nobody', '--disable', '--relax'])).out).toContain('Acme (off)');
  const failed = await claw(['sso', 'test']);
  expect([failed.code, failed.out]).toMatchObject([1, expect.stringMatching(/authorization +failed/)]);
  expect(await claw(['sso', 'remove', '--yes'])).toMatchObject({ code: 0, out: 'The identity provider is removed.\n' });
  expect(await claw(['sso', 'remove', '--yes'])).toMatchObject({ code: 3 });
});
