import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { newId, newSecret, secretHash } from '../../activities/platform/ids.ts';
import { eventually, type Fleet, ok } from '../../deploy/local/testing/fleet.ts';
import { lingeringManifest } from '../../deploy/local/testing/lingering-type.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { type Visit, visit } from './browser.ts';

/** The owner of a tenant in a browser of their own, with one of everything that a tenant can have. */
export interface Neighbour {
  readonly visit: Visit;
  /** In the name of everything of theirs, so that whatever somebody else was told of it shows. */
  readonly word: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly instanceId: string;
  readonly operationId: string;
  readonly rolloutId: string;
  readonly configId: string;
  readonly slug: string;
  readonly projectId: string;
  readonly key: string;
  /** By the places in paths of the API that they stand for. */
  readonly things: Readonly<Record<string, string>>;
  /** Every id of theirs, of entries and events too. */
  readonly ids: readonly string[];
}

/** A host that is this tenant's alone; answers its id once it is there. It ends with `stop`. */
async function startHost(fleet: Fleet, tenantId: string, word: string): Promise<{ readonly id: string; stop(): Promise<void> }> {
  const { platform, database } = fleet;
  const id = newId(IdPrefix.host);
  const token = newSecret();
  await database.query('INSERT INTO host (id, tenant_id, name, token_hash) VALUES ($1, $2, $3, $4)', [id, tenantId, `${word}-host`, secretHash(token)]);
  const dataDir = path.join(path.dirname(platform.clawsDir), `${word}-host`);
  mkdirSync(dataDir, { mode: 0o711 });
  const tokenFile = path.join(dataDir, 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../bridge/daemon.ts')], {
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_ENV: 'production',
      BRIDGE_API_URL: platform.url.replace('//localhost', '//127.0.0.1'),
      BRIDGE_TOKEN_FILE: tokenFile,
      BRIDGE_DATA_DIR: dataDir,
      BRIDGE_RUNTIMES_DIR: platform.runtimesDir,
      BRIDGE_LOG_ROTATE_BYTES: '1',
    },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await eventually(
    `the host of ${word} is connected`,
    120,
    async () => (await database.query('SELECT 1 FROM host WHERE id = $1 AND connected', [id])).rowCount,
  );
  return {
    id,
    stop: async () => {
      // Its claws end with it.
      child.kill('SIGINT');
      await gone;
    },
  };
}

/** Makes a tenant, lets its owner come by the link that they were sent, and gives them a host and a claw that runs. */
export async function addNeighbour(fleet: Fleet, browser: Browser, word: string): Promise<Neighbour & { leave(): Promise<void> }> {
  const email = `owner@${word}.example`;
  const { tenant, link } = ok(await fleet.api.POST('/tenants', { body: { name: `${word} works`, owner: email } }));
  const one = await visit(browser, fleet.platform.url);
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  const call = async (method: string, target: string, data?: unknown): Promise<any> => {
    const answer = await one.context.request.fetch(`/api/v1${target}`, { method, headers: { origin: fleet.platform.url }, ...(data ? { data } : {}) });
    if (!answer.ok()) throw new Error(`${method} ${target}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  const code = new URL(String(link)).hash.slice(1);
  const { user } = await call('POST', '/invitations/accept', { code, name: `${word} owner`, password: 'teal-orbit-cabbage-91' });
  const host = await startHost(fleet, tenant.id, word);
  await call('POST', '/claw-types', lingeringManifest(word));
  const made = await call('POST', '/instances', {
    name: `${word}-claw`,
    type: word,
    resources: { cpu: '10m', memory: '64Mi' },
    placement: { hostId: host.id },
  });
  const { id: instanceId, slug, projectId } = made.instance;
  const key = await call('POST', '/api-keys', { name: `${word}-key` });
  const view = await call('POST', '/me/views', { name: `${word}-view`, query: {} });
  const provider = await call('POST', '/providers', {
    name: `${word}-models`,
    kind: 'openai',
    apiKey: `sk-${word}`,
    models: ['m'],
    baseUrl: 'http://127.0.0.1:9/v1',
  });
  const invited = await call('POST', '/invitations', { emails: [`guest@${word}.example`], role: 'viewer' });
  await eventually(`the claw of ${word} runs`, 120, async () => (await call('GET', `/instances/${instanceId}`)).status.phase === 'Running');
  const archive = await eventually('a piece of its log is archived', 120, async () => (await call('GET', `/instances/${instanceId}/logs/archives`)).items[0]);
  const config = await call('POST', '/configs', { name: `${word}-config`, type: word, note: `of ${word}` });
  await call('PUT', `/config-secrets/${word}`, { value: `secret of ${word}` });
  // It waits for somebody to agree, so nothing moves meanwhile.
  const rollout = await call('POST', '/rollouts', { name: `${word}-rollout`, change: { kind: 'restart' }, approvalBeforeStart: {} });
  const entered = [...(await call('GET', '/audit')).items, ...(await call('GET', '/events')).items].map(({ id }: { id: string }) => id);
  const sessions = (await call('GET', '/account/sessions')).items;
  const things = {
    '/instances/{id}': `/instances/${instanceId}`,
    '/operations/{id}': `/operations/${made.operation.id}`,
    '/rollouts/{id}': `/rollouts/${rollout.id}`,
    '/configs/{id}': `/configs/${config.id}`,
    '{version}': '1',
    '/projects/{id}': `/projects/${projectId}`,
    '/hosts/{id}': `/hosts/${host.id}`,
    '/providers/{id}': `/providers/${provider.id}`,
    '/tenants/{id}': `/tenants/${tenant.id}`,
    '/api-keys/{id}': `/api-keys/${key.apiKey.id}`,
    '/me/views/{id}': `/me/views/${view.id}`,
    '/invitations/{id}': `/invitations/${invited.items[0].invitation.id}`,
    '/account/sessions/{id}': `/account/sessions/${sessions[0].id}`,
    '/claw-types/{name}': `/claw-types/${word}`,
    '{userId}': user.id,
    '{instanceId}': instanceId,
    '{archiveId}': archive.id,
  };
  const ids = [...Object.values(things).map((thing) => thing.split('/').at(-1) ?? ''), ...entered];
  return {
    visit: one,
    word,
    tenantId: tenant.id,
    userId: user.id,
    instanceId,
    operationId: made.operation.id,
    rolloutId: rollout.id,
    configId: config.id,
    slug,
    projectId,
    key: key.secret,
    things,
    ids: ids.filter((id) => id.includes('_')),
    leave: host.stop,
  };
}
