import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDoors } from '../../deploy/local/testing/doors.ts';
import { type Fleet, ok, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser } from './browser.ts';
import { addNeighbour, type Neighbour } from './neighbours.ts';
import { everyPage } from './pages.ts';

type Asked = { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: unknown };
type Told = { readonly status: number; readonly text: string };

const HELD_BACK = [401, 403, 404];
/** They name no thing of a tenant but by a name that everybody may use in theirs, or one that is asked for by a code, or of which there is none here. */
const NOT_OURS = ['/account/devices/', '/account/passkeys/{id}', '/plans/{name}', '/config-secrets/{name}'];
/** WebSockets, which a fetch cannot open. */
const STREAMS = ['stream', 'logs/stream', 'metrics/stream'];
/** Reads that ask for something in addition. */
const ASKS_MORE: Readonly<Record<string, string>> = { '/instances/{id}/logs/search': '?q=starting' };
/** What is sent where an empty body would not do. */
const BODIES: readonly [RegExp, unknown][] = [
  [/^put .*\/(members|grants)\//, { role: 'viewer' }],
  [/^put \/tenants\/\w+\/plan$/, { plan: 'small' }],
  [/^put \/me\/views/, { name: 'taken', query: {} }],
  [/^put \/(instances|projects|tenants)\/\w+$/, { name: 'taken' }],
  [/^post \/configs\/\w+\/versions$/, { document: {} }],
];

const { paths } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../src/api/openapi.json'), 'utf8')) as { paths: Record<string, object> };

/** Everything that the API can do to one thing, done to this neighbour's. */
function everythingAbout({ things }: Neighbour): Asked[] {
  return Object.entries(paths).flatMap(([template, methods]) => {
    if (!template.includes('{') || NOT_OURS.some((start) => template.startsWith(start)) || STREAMS.some((end) => template.endsWith(`{id}/${end}`))) return [];
    const target = Object.entries(things).reduce((known, [place, there]) => known.replace(place, there), template);
    if (target.includes('{')) throw new Error(`say in neighbours.ts what a neighbour has at ${template}`);
    const asked = Object.keys(methods).filter((name) => name !== 'parameters');
    return asked.map((method) => ({ method, path: target + (ASKS_MORE[template] ?? ''), ...bodyOf(method, target) }));
  });
}

function bodyOf(method: string, target: string): Pick<Asked, 'body'> {
  if (method !== 'put' && method !== 'post') return {};
  const [, body = {}] = BODIES.find(([like]) => like.test(`${method} ${target}`)) ?? [];
  return { body };
}

/** Every list, and each asked for what is the neighbour's. */
function everyList({ instanceId, projectId, userId }: Neighbour): Asked[] {
  const lists = ['/instances', '/operations', '/events', '/audit', '/hosts', '/projects', '/members', '/invitations', '/api-keys', '/providers', '/models'];
  const more = [
    '/claw-types',
    '/configs',
    '/config-secrets',
    '/rollouts',
    '/sso',
    '/me/notifications',
    '/tenants',
    '/me',
    '/me/views',
    '/my-claw',
    '/quota',
    '/usage/export',
    '/metrics/overview',
    '/metrics/top',
    '/metrics/top/hosts',
    '/system/health',
  ];
  const aimed = [`/operations?instanceId=${instanceId}`, `/events?instanceId=${instanceId}`, `/audit?target=${instanceId}`, `/audit?actor=${userId}`];
  return [...lists, ...more, ...aimed, `/instances?projectId=${projectId}`, `/system/trace?id=${instanceId}`].map((one) => ({ method: 'get', path: one }));
}

/** Asks from the page that somebody has open, as a script there would. */
function ask({ visit }: Neighbour, all: readonly Asked[]): Promise<Told[]> {
  return visit.page.evaluate(async (requests) => {
    const told: Told[] = [];
    for (const { method, path: target, headers = {}, body } of requests) {
      const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'if-match': '*', ...headers } };
      const answer = await fetch(`/api/v1${target}`, { method: method.toUpperCase(), headers, ...content });
      told.push({ status: answer.status, text: await answer.text() });
    }
    return told;
  }, all);
}

/** What its owner wants of the claw and asked for, but not how it is at this moment. */
async function asWanted(owner: Neighbour): Promise<unknown> {
  const paths = ['', '/operations'].map((part) => ({ method: 'get', path: `/instances/${owner.instanceId}${part}` }));
  const [instance, operations] = (await ask(owner, paths)).map(({ text }) => JSON.parse(text));
  const { name, labels, generation, spec } = instance;
  return { name, labels, generation, spec, operations: operations.items.map(({ id }: { id: string }) => id) };
}

describe('two people of two tenants in two browsers', () => {
  let fleet: Fleet;
  let browsers: Browser[] = [];
  let pair: readonly (Neighbour & { leave(): Promise<void> })[] = [];

  beforeAll(async () => {
    [fleet, ...browsers] = await Promise.all([startFleet({ portal: true, models: false }), openBrowser(), openBrowser()]);
    pair = await Promise.all(['lantern', 'harbour'].map((word, index) => addNeighbour(fleet, browsers[index] as Browser, word)));
    for (const { visit } of pair) await visit.page.goto('/');
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') for (const { visit, word } of pair) await visit.picture(`${task.name.replaceAll(/\W+/g, '-')}-${word}`);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((one) => one.close()));
    await Promise.all(pair.map((one) => one.leave()));
    await fleet?.close();
  });

  /** Each as the stranger of the other. */
  const both = () => pair.map((stranger, index) => ({ stranger, owner: pair[1 - index] as Neighbour }));

  test('each reads what is theirs', async () => {
    for (const one of pair) {
      const reads = everythingAbout(one).filter(({ method, path: target }) => method === 'get' && !target.endsWith('/download'));
      const told = await ask(one, reads);
      expect(reads.map((read, index) => [read.path, told[index]?.status]).filter(([, status]) => status !== 200)).toEqual([]);
      expect(told.filter(({ text }) => text.includes(one.word)).length).toBeGreaterThan(8);
    }
  });

  test('lists, figures, entries and searches of one hold nothing of the other, whatever is asked of them', async () => {
    for (const { stranger, owner } of both()) {
      const requests = everyList(owner);
      const told = await ask(stranger, requests);
      const leaks = told.flatMap(({ text }, index) =>
        [owner.word, ...owner.ids].filter((known) => text.includes(known) && !requests[index]?.path.includes(known)),
      );
      expect(leaks).toEqual([]);
    }
  });

  test('neither reads or changes anything of the other by any id, nor by naming their tenant', async () => {
    for (const { stranger, owner } of both()) {
      const before = await asWanted(owner);
      const requests = [...everythingAbout(owner), ...everyList(owner).map((one) => ({ ...one, headers: { 'x-tenant': owner.tenantId } }))];
      const told = await ask(stranger, requests);
      const given = told.flatMap(({ status, text }, index) => {
        const held = HELD_BACK.includes(status) && !text.includes(owner.word.concat(' ')) && !text.includes(`${owner.word}-`);
        return held ? [] : [`${requests[index]?.method} ${requests[index]?.path}: ${status} ${text.slice(0, 200)}`];
      });
      expect(given).toEqual([]);
      expect(await asWanted(owner)).toEqual(before);
    }
  });

  test('pages of one show the other that nothing is there', async () => {
    for (const { stranger, owner } of both()) {
      const { page } = stranger.visit;
      const things = { instance: owner.instanceId, operation: owner.operationId, rollout: owner.rolloutId, config: owner.configId };
      const isAbout = ({ path: address }: { path: string }) => Object.values(things).some((id) => address.includes(id));
      for (const { path: address } of everyPage(things).filter(isAbout)) {
        await page.goto(address);
        await page.getByRole('alert').first().waitFor();
        expect(await page.content(), address).not.toContain(owner.word);
      }
      await page.goto(`/open/${owner.slug}`);
      await page.getByRole('alert').first().waitFor();
      expect(await page.content()).not.toContain(`${owner.word}-claw`);
    }
  });

  test('the page of a claw opens for its owner, and not for whoever has one of their own', async () => {
    for (const { visit, slug, word } of pair) {
      await visit.page.goto(`/open/${slug}`);
      await visit.page.waitForURL((url) => url.hostname === `${slug}.localhost`);
      expect(await visit.page.textContent('body')).toContain(`${word}-claw`);
    }
    for (const { stranger, owner } of both()) {
      const address = new URL(stranger.visit.page.url());
      address.hostname = `${owner.slug}.localhost`;
      expect((await stranger.visit.page.goto(address.href))?.status()).toBe(401);
      await stranger.visit.page.goto(fleet.platform.url);
    }
  });

  test('streams of chat, logs and figures open for the owner alone', async () => {
    const opens = ({ visit }: Neighbour, id: string, tenantId: string) =>
      visit.page.evaluate(
        ([streams, instance, tenant]) =>
          Promise.all(
            streams
              .flatMap((stream) =>
                ['', `?tenant=${tenant}`].map((query) => `${location.origin.replace('http', 'ws')}/api/v1/instances/${instance}/${stream}${query}`),
              )
              .map(
                (url) =>
                  new Promise<string>((resolve) => {
                    const socket = new WebSocket(url);
                    socket.onopen = () => {
                      socket.close();
                      resolve('open');
                    };
                    socket.onerror = () => resolve('refused');
                  }),
              ),
          ),
        [STREAMS, id, tenantId] as const,
      );
    for (const { stranger, owner } of both()) {
      expect(await opens(owner, owner.instanceId, owner.tenantId)).toEqual(Array(6).fill('open'));
      expect(await opens(stranger, owner.instanceId, owner.tenantId)).toEqual(Array(6).fill('refused'));
    }
  });

  test('no room lets one hear of the other', async () => {
    const heard = await Promise.all(pair.map((one) => listen(one)));
    for (const [index, { stranger, owner }] of both().entries()) {
      const { tenantId, userId, instanceId, operationId, projectId } = owner;
      const rooms = [
        `tenant:${tenantId}`,
        `instance:${instanceId}`,
        `operation:${operationId}`,
        `project:${projectId}`,
        `person:${tenantId}:${userId}`,
        tenantId,
        instanceId,
        '*',
      ];
      for (const room of rooms) expect(await heard[index]?.subscribe(room), room).toMatchObject({ ok: false });
      expect(await heard[index]?.subscribe(`tenant:${stranger.tenantId}`)).toEqual({ ok: true });
      expect(await heard[index]?.subscribe(`instance:${stranger.instanceId}`)).toEqual({ ok: true });
    }
    // The first of them does something last: whoever hears that would have heard before what the other did.
    for (const [index, deed] of [
      [0, 'restart'],
      [1, 'restart'],
      [0, 'kill'],
    ] as const) {
      const one = pair[index] as Neighbour;
      const [answer] = await ask(one, [{ method: 'post', path: `/instances/${one.instanceId}/${deed}` }]);
      const { operation } = JSON.parse(String(answer?.text));
      await expect.poll(() => heard[index]?.messages.some(({ id }) => id === operation.id)).toBe(true);
    }
    for (const [index, { tenantId }] of pair.entries()) expect(heard[index]?.messages.filter((message) => message.tenantId !== tenantId)).toEqual([]);
    for (const one of heard) one.close();
  });

  test('one of them who is disabled is out of every door that stood open, and the other notices nothing', async () => {
    const [other, person] = [pair[0], pair[1]] as [Neighbour, Neighbour];
    await instanceRuns(person);
    const { page } = person.visit;
    await page.goto(`/open/${person.slug}`);
    await page.waitForURL((url) => url.hostname === `${person.slug}.localhost`);
    const cookie = await cookiesOf(person);
    const doors = await openDoors(fleet, { cookie, key: person.key, instanceId: person.instanceId });
    try {
      expect(await doors.open()).toEqual(['session', 'key', 'rooms', 'stream', 'page', 'endless']);
      ok(await fleet.api.POST('/people/{userId}/disable', { params: { path: { userId: person.userId } }, body: {} }));
      await expect.poll(() => doors.open()).toEqual([]);
    } finally {
      doors.close();
    }
    await expect.poll(async () => (await page.reload())?.status()).toBe(401);
    await page.goto(fleet.platform.url);
    await page.waitForURL(/\/sign-in/);
    expect((await ask(other, [{ method: 'get', path: '/me' }]))[0]?.status).toBe(200);
  });

  /** And nothing is under way there: what was accepted last may not have begun. */
  const instanceRuns = (one: Neighbour) =>
    expect
      .poll(async () => {
        const { rows } = await fleet.database.query<{ phase: string; open: boolean }>(
          'SELECT i.phase, EXISTS (SELECT 1 FROM operation o WHERE o.instance_id = i.id AND o.finished_at IS NULL) AS open FROM instance i WHERE i.id = $1',
          [one.instanceId],
        );
        return rows[0];
      })
      .toEqual({ phase: 'Running', open: false });

  const cookiesOf = async ({ visit }: Neighbour): Promise<string> =>
    (await visit.context.cookies(fleet.platform.url)).map(({ name, value }) => `${name}=${value}`).join('; ');

  /** A socket with the session of this person's browser. */
  async function listen(one: Neighbour) {
    const extraHeaders = { cookie: await cookiesOf(one), origin: fleet.platform.url };
    const socket = io(fleet.platform.url, { path: '/realtime', transports: ['websocket'], forceNew: true, extraHeaders });
    const messages: { id: string; tenantId: string }[] = [];
    socket.on('message', (message) => void messages.push(message));
    return { messages, subscribe: (room: string): Promise<unknown> => socket.emitWithAck('subscribe', { room }), close: () => socket.close() };
  }
});
