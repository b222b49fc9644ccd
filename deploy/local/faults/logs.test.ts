import { appendFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Fleet, ok, startFleet } from '../testing/fleet.ts';
import { destroy, registerEcho, runningEcho } from './echo-claw.ts';
import { survey } from './survey.ts';

const MARKED = Array.from({ length: 500 }, (_, index) => `marked line ${index}\n`).join('');

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ env: { BRIDGE_LOG_ROTATE_BYTES: '5000' } });
  await registerEcho(fleet);
});
afterAll(() => fleet?.close());

const params = (id: string) => ({ params: { path: { id } } });
const archives = async (id: string) => ok(await fleet.api.GET('/instances/{id}/logs/archives', params(id))).items;

async function archivedText(id: string): Promise<string> {
  let text = '';
  for (const { id: archiveId } of (await archives(id)).reverse()) {
    const answer = await fleet.api.GET('/instances/{id}/logs/archives/{archiveId}/download', {
      params: { path: { id, archiveId } },
      parseAs: 'arrayBuffer',
    });
    text += gunzipSync(new Uint8Array(ok(answer) as ArrayBuffer)).toString();
  }
  return text;
}

const count = (text: string, part: string): number => text.split(part).length - 1;

test('a bridge that is killed between rotation and acknowledgement brings the piece once, whole', async () => {
  const claw = await runningEcho(fleet, 'talkative');
  const waiting = path.join(fleet.platform.clawsDir, 'log-spool', claw.id);
  await fleet.platform.part('api').stop();
  await appendFile(path.join(fleet.platform.clawsDir, 'claws', claw.slug, 'claw.log'), MARKED);
  await eventually('the piece waits', 60, async () => (await readdir(waiting).catch(() => [])).some((name) => name.endsWith('.gz')));
  await fleet.platform.part('bridge').kill('SIGKILL');
  await fleet.platform.part('api').start();
  await fleet.platform.part('bridge').waitReady();
  await eventually('the piece is archived', 60, async () => (await archives(claw.id)).length > 0);
  await eventually('nothing waits any more', 60, async () => (await readdir(waiting)).length === 0);
  expect(count(await archivedText(claw.id), MARKED)).toBe(1);
  const found = ok(await fleet.api.GET('/instances/{id}/logs/search', { params: { path: { id: claw.id }, query: { q: 'marked line 499' } } }));
  expect(found).toMatchObject({ items: [{ text: 'marked line 499', archiveId: expect.any(String) }], host: 'read' });
  await destroy(fleet, claw.id);
  expect(await survey(fleet)).toEqual([]);
});

test('pieces wait while the object store is away, are found meanwhile, and go when it is back; what is left goes with a destroyed claw', async () => {
  const claw = await runningEcho(fleet, 'patient');
  const log = path.join(fleet.platform.clawsDir, 'claws', claw.slug, 'claw.log');
  const waiting = path.join(fleet.platform.clawsDir, 'log-spool', claw.id);
  await fleet.platform.part('seaweedfs').stop();
  await appendFile(log, MARKED);
  await eventually('the piece waits', 60, async () => (await readdir(waiting).catch(() => [])).some((name) => name.endsWith('.gz')));
  await appendFile(log, 'a last word\n');
  const search = async (q: string) => ok(await fleet.api.GET('/instances/{id}/logs/search', { params: { path: { id: claw.id }, query: { q } } })).items;
  expect(await search('marked line 77')).toHaveLength(1);
  expect(await search('a last word')).toMatchObject([{ archiveId: null }]);
  await fleet.platform.part('seaweedfs').start();
  await destroy(fleet, claw.id, 'retain');
  const text = await eventually('everything is archived', 60, async () => {
    const all = await archivedText(claw.id);
    return all.includes('a last word') ? all : null;
  });
  expect([count(text, MARKED), count(text, 'a last word')]).toEqual([1, 1]);
  expect(await survey(fleet)).toEqual([]);
});
