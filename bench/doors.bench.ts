import { openDoors } from '../deploy/local/testing/doors.ts';
import { type Fleet, instanceInPhase, ok } from '../deploy/local/testing/fleet.ts';
import { lingeringManifest } from '../deploy/local/testing/lingering-type.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { spreadRows } from './lib/statistics.ts';
import { waitFor } from './lib/wait.ts';

const TARGET_P95_MS = 2_000;
/** How often the doors are tried, in milliseconds: what is measured is no finer. */
const TRY_MS = 10;
const PATIENCE_SECONDS = 60;

/** From "disable this person" until the last thing that they had open is shut. */
export const doorsBench: Bench = {
  name: 'doors',
  what: 'people with a session, a key, a socket, a stream and a page of a claw open are disabled one after the other',
  options: [{ name: 'people', byDefault: 20, what: 'how many' }],
  limitMinutes: 10,
  run: (context) => withFleet(context, (fleet) => measure(fleet, context), { models: false }),
};

async function measure(fleet: Fleet, context: BenchContext): Promise<void> {
  ok(await fleet.api.POST('/claw-types', { body: lingeringManifest('lingering') }));
  const made = ok(await fleet.api.POST('/instances', { body: { name: 'open', type: 'lingering', resources: { cpu: '10m', memory: '64Mi' } } }));
  const { id: instanceId } = (made as { instance: { id: string } }).instance;
  await instanceInPhase(fleet, instanceId, 'Running');
  const times: number[] = [];
  for (let index = 0; index < context.option('people'); index += 1) {
    const { userId, cookie, key } = await somebody(fleet, `person-${index}@example.com`);
    const doors = await openDoors(fleet, { cookie, key, instanceId });
    try {
      if ((await doors.open()).length === 0) throw new Error('no door stood open');
      const began = performance.now();
      ok(await fleet.api.POST('/people/{userId}/disable', { params: { path: { userId } }, body: {} }));
      const shut = async () => ((await doors.open()).length === 0 ? true : null);
      await waitFor('every door is shut', { everyMs: TRY_MS, seconds: PATIENCE_SECONDS, signal: context.signal }, shut);
      times.push(performance.now() - began);
    } finally {
      doors.close();
    }
  }
  context.measured(...spreadRows('disabled -> the last door is shut', times, 'ms', { p50: null, p95: TARGET_P95_MS, max: null }));
}

/** A new operator of the tenant, signed in, with a key. */
async function somebody(fleet: Fleet, email: string): Promise<{ readonly userId: string; readonly cookie: string; readonly key: string }> {
  const { items } = ok(await fleet.api.POST('/invitations', { body: { emails: [email], role: 'operator' } }));
  const code = new URL(String(items[0]?.link)).hash.slice(1);
  const origin = fleet.platform.url;
  const post = async (target: string, body: object, cookie = '') => {
    const response = await fetch(`${loopbackUrl(fleet)}/api/v1${target}`, {
      method: 'POST',
      headers: { origin, cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response;
  };
  const accepted = await post('/invitations/accept', { code, name: 'Somebody', password: `bench-${crypto.randomUUID()}` });
  const cookie = accepted.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const { user } = (await accepted.json()) as { user: { id: string } };
  const { secret } = (await (await post('/api-keys', { name: 'bench' }, cookie)).json()) as { secret: string };
  return { userId: user.id, cookie, key: secret };
}
