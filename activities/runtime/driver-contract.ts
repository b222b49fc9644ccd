import { get, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Workload, WorkloadFact } from '../../workflows/contracts/workload.ts';
import { clawAgent } from './claw-agent.ts';
import type { RuntimeDriver, WorkloadRef } from './driver.ts';

/** One claw of the suite: a workload that was not applied yet, and what the suite may do to it behind the driver's back. */
export interface ContractClaw {
  readonly ref: WorkloadRef;
  /** Generation 1, wanted running. */
  readonly workload: Workload;
  /** Ends its process from outside, as a person or the kernel would. */
  slay(pid: number): void;
  breakStorage(): void;
  repairStorage(): void;
  /** Overwrites one of its configuration files by hand. */
  tamper(path: string, content: string): void;
  /** Its port, asked directly on its machine, without the driver. */
  ask(path: string): Promise<unknown>;
  /** Every fact of it that was stored, so that a state is seen however soon the next one came. */
  facts(): Promise<readonly WorkloadFact[]>;
  /** What it still has on its machine, in words; empty = nothing. */
  leftovers(): Promise<readonly string[]>;
}

/** What a driver's own test hands to the suite. */
export interface DriverHarness {
  readonly driver: RuntimeDriver;
  readonly hostId: string;
  /** A new claw; `env` and `settings` are the light claw's. */
  claw(
    name: string,
    options?: { readonly env?: Readonly<Record<string, string>>; readonly settings?: Readonly<Record<string, unknown>>; readonly graceSeconds?: number },
  ): Promise<ContractClaw>;
  /** The workload with other settings in its files, hashed anew. */
  withSettings(workload: Workload, settings: Readonly<Record<string, unknown>>): Workload;
  /** Who restarts claws on the machine (bridge, kubelet) is killed, and started again by the second. */
  killAgent(): Promise<void>;
  startAgent(): Promise<void>;
  /** The control plane goes away, and comes back. */
  stopControlPlane(): Promise<void>;
  startControlPlane(): Promise<void>;
  close(): Promise<void>;
}

const POLL_MILLISECONDS = 50;

/** One suite that every runtime driver is held to. */
export function describeDriver(name: string, open: () => Promise<DriverHarness>): void {
  describe(name, () => {
    let harness: DriverHarness;
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness?.close());

    const observed = (ref: WorkloadRef, is: (fact: WorkloadFact) => boolean): Promise<WorkloadFact> =>
      eventually(async () => {
        const fact = await harness.driver.observe(ref);
        return fact !== null && is(fact) ? fact : null;
      });
    const ready = (ref: WorkloadRef, generation: number) => observed(ref, (fact) => fact.ready && fact.generation === generation);
    const running = async (name: string, options?: Parameters<DriverHarness['claw']>[1]) => {
      const claw = await harness.claw(name, options);
      await harness.driver.apply(harness.hostId, claw.workload);
      return { claw, fact: await ready(claw.ref, 1) };
    };
    const askThroughDial = (ref: WorkloadRef, path: string) => json(path, { agent: clawAgent(() => harness.driver.dial(ref, 'http')) });

    test('a version is prepared once and preparing it again changes nothing', async () => {
      const { runtime } = (await harness.claw('prepared')).workload;
      await harness.driver.prepare(harness.hostId, runtime);
      await harness.driver.prepare(harness.hostId, runtime);
    });

    test('a version that does not exist cannot be prepared, and the failure says why', async () => {
      const runtime = { type: 'light', version: '9', install: { npm: 'is-number@999.0.0' }, node: null };
      await expect(harness.driver.prepare(harness.hostId, runtime)).rejects.toMatchObject({
        code: 'IMAGE_PULL_FAILED',
        message: expect.stringContaining('999'),
      });
    });

    test('an applied workload runs, becomes ready and carries its generation', async () => {
      const { claw, fact } = await running('runs', { env: {} });
      expect(fact).toMatchObject({ phase: 'running', generation: 1, restarts: 0, live: true, error: null, filesHash: claw.workload.filesHash });
      expect(await claw.ask('/about')).toMatchObject({ pid: fact.pid, secret: 'opened for the claw alone', bridge: null });
      expect(await harness.driver.desired(claw.ref)).toMatchObject({ generation: 1, secretEnv: [] });
      expect(await harness.driver.secrets(claw.ref)).toEqual([{ name: 'LIGHT_SECRET', value: 'opened for the claw alone' }]);
    });

    test('a claw that is not ready yet is starting, not failed', async () => {
      const claw = await harness.claw('slow', { settings: { ready: false } });
      await harness.driver.apply(harness.hostId, claw.workload);
      const fact = await observed(claw.ref, ({ live }) => live);
      expect(fact).toMatchObject({ phase: 'starting', ready: false, error: null });
      await harness.driver.apply(harness.hostId, { ...harness.withSettings(claw.workload, {}), generation: 2 });
      expect(await ready(claw.ref, 2)).toMatchObject({ pid: fact.pid, restarts: 0 });
    });

    test('a process that is killed is started again and counted', async () => {
      const { claw, fact } = await running('killed');
      claw.slay(Number(fact.pid));
      expect(await passed(claw, ({ phase }) => phase === 'backing-off')).toMatchObject({ signal: 'SIGKILL', error: { code: 'PROCESS_EXITED' } });
      const after = await observed(claw.ref, ({ ready, restarts }) => ready && restarts === 1);
      expect(after.pid).not.toBe(fact.pid);
      expect(after).toMatchObject({ generation: 1, error: null });
    });

    test('a process that ends by itself leaves its exit code', async () => {
      const { claw } = await running('exits');
      await claw.ask('/crash');
      expect(await passed(claw, ({ phase }) => phase === 'backing-off')).toMatchObject({ exitCode: 3, signal: null });
      await observed(claw.ref, ({ ready, restarts }) => ready && restarts === 1);
    });

    test('changed files reach a running claw without a new process', async () => {
      const { claw, fact } = await running('hot');
      const changed = { ...harness.withSettings(claw.workload, { greeting: 'other' }), generation: 2 };
      await harness.driver.apply(harness.hostId, changed);
      expect(await ready(claw.ref, 2)).toMatchObject({ pid: fact.pid, filesHash: changed.filesHash, restarts: 0 });
      expect(await claw.ask('/settings')).toEqual({ greeting: 'other' });
    });

    test('another process hash and an asked-for restart each bring one new process that is not counted as a crash', async () => {
      const { claw, fact } = await running('renewed');
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 2, processHash: 'sha256:other' });
      const second = await ready(claw.ref, 2);
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 3, processHash: 'sha256:other', restartGeneration: 3 });
      const third = await ready(claw.ref, 3);
      expect(new Set([fact.pid, second.pid, third.pid]).size).toBe(3);
      expect(third.restarts).toBe(0);
      expect(await claw.ask('/starts')).toHaveLength(3);
    });

    test('stop lets the claw finish what it does, and start brings it back', async () => {
      const { claw } = await running('drains', { env: { DRAIN_MS: '300' }, graceSeconds: 30 });
      await harness.driver.stop(claw.ref, 2);
      expect(await observed(claw.ref, ({ phase }) => phase === 'stopped')).toMatchObject({ generation: 2, pid: null, ready: false, exitCode: 0, error: null });
      expect(await text(await harness.driver.logs(claw.ref, { tailLines: 10, follow: false }))).toContain('drained');
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 3 });
      expect(await ready(claw.ref, 3)).toMatchObject({ restarts: 0 });
    });

    test('a claw that outlasts its grace is killed', async () => {
      const { claw } = await running('stubborn', { env: { DRAIN_MS: '600000' }, graceSeconds: 1 });
      await harness.driver.stop(claw.ref, 2);
      expect(await observed(claw.ref, ({ phase }) => phase === 'stopped')).toMatchObject({ generation: 2, signal: 'SIGKILL' });
    });

    test('kill waits for no drain, not even for one that has begun', async () => {
      const { claw } = await running('doomed', { env: { DRAIN_MS: '600000' }, graceSeconds: 600 });
      await harness.driver.stop(claw.ref, 2);
      await observed(claw.ref, ({ phase }) => phase === 'stopping');
      await harness.driver.kill(claw.ref, 3);
      expect(await observed(claw.ref, ({ phase }) => phase === 'stopped')).toMatchObject({ generation: 3, signal: 'SIGKILL' });
    });

    test('helpers that a claw left behind end with it', async () => {
      const { claw } = await running('parent');
      await claw.ask('/helper');
      await harness.driver.stop(claw.ref, 2);
      await observed(claw.ref, ({ phase }) => phase === 'stopped');
      expect((await claw.leftovers()).filter((item) => !item.startsWith('folder'))).toEqual([]);
    });

    test('destroy with wipe leaves nothing, and the record can be forgotten', async () => {
      const { claw } = await running('wiped');
      await harness.driver.destroy(claw.ref, 2, 'wipe');
      expect(await observed(claw.ref, ({ phase }) => phase === 'removed')).toMatchObject({ generation: 2, pid: null });
      expect(await claw.leftovers()).toEqual([]);
      await harness.driver.forget(claw.ref);
      expect(await harness.driver.desired(claw.ref)).toBeNull();
      await eventually(async () => ((await claw.leftovers()).length === 0 ? true : null));
    });

    test('destroy with retain keeps the data and nothing else', async () => {
      const { claw } = await running('kept');
      await harness.driver.destroy(claw.ref, 2, 'retain');
      await observed(claw.ref, ({ phase }) => phase === 'removed');
      expect(await claw.leftovers()).toEqual([expect.stringMatching(/^folder .* retained$/)]);
    });

    test('what was kept is there again when the claw comes back', async () => {
      const { claw } = await running('returns');
      await harness.driver.destroy(claw.ref, 2, 'retain');
      await observed(claw.ref, ({ phase }) => phase === 'removed');
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 3 });
      await ready(claw.ref, 3);
      expect(await claw.ask('/starts')).toHaveLength(2);
    });

    test('an older generation than the recorded one is refused', async () => {
      const claw = await harness.claw('fenced');
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 5 });
      await expect(harness.driver.apply(harness.hostId, { ...claw.workload, generation: 4 })).rejects.toMatchObject({ code: 'GENERATION_MISMATCH' });
      await expect(harness.driver.stop(claw.ref, 4)).rejects.toMatchObject({ code: 'GENERATION_MISMATCH' });
      await harness.driver.destroy(claw.ref, 6, 'wipe');
      await observed(claw.ref, ({ phase }) => phase === 'removed');
    });

    test('a folder that cannot be written blocks the claw with the reason, and it goes on by itself after the repair', async () => {
      const { claw } = await running('walled');
      await harness.driver.stop(claw.ref, 2);
      await observed(claw.ref, ({ phase }) => phase === 'stopped');
      claw.breakStorage();
      await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 3 });
      expect(await observed(claw.ref, ({ phase }) => phase === 'blocked')).toMatchObject({ generation: 3, pid: null, error: { code: 'VOLUME_UNAVAILABLE' } });
      claw.repairStorage();
      expect(await ready(claw.ref, 3)).toMatchObject({ error: null });
    });

    test('files changed by hand are told of, and the same generation applied again puts them right', async () => {
      const { claw, fact } = await running('drifted');
      claw.tamper('config.json', '{"greeting":"by hand"}');
      await observed(claw.ref, ({ filesHash }) => filesHash !== claw.workload.filesHash);
      await harness.driver.apply(harness.hostId, claw.workload);
      expect(await observed(claw.ref, ({ filesHash }) => filesHash === claw.workload.filesHash)).toMatchObject({ pid: fact.pid });
      expect(await claw.ask('/settings')).toEqual({});
    });

    test('dial leads to the port of the claw and carries large bodies both ways unchanged', async () => {
      const { claw, fact } = await running('dialed');
      expect(await askThroughDial(claw.ref, '/about')).toMatchObject({ pid: fact.pid });
      const body = Buffer.alloc(9 * 1024 * 1024, 'claw');
      expect(Buffer.compare(await post('/echo', body, { agent: clawAgent(() => harness.driver.dial(claw.ref, 'http')) }), body)).toBe(0);
      await expect(harness.driver.dial(claw.ref, 'nosuchport')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('a claw that does not run cannot be dialed', async () => {
      const { claw } = await running('silent');
      await harness.driver.stop(claw.ref, 2);
      await observed(claw.ref, ({ phase }) => phase === 'stopped');
      await expect(harness.driver.dial(claw.ref, 'http')).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    });

    test('logs give the last lines and follow the next ones', async () => {
      const { claw } = await running('talks');
      for (const word of ['one', 'two', 'three']) await claw.ask(`/say?text=${word}`);
      await eventually(async () => ((await text(await harness.driver.logs(claw.ref, { tailLines: 2, follow: false }))) === 'two\nthree\n' ? true : null));
      const stream = await harness.driver.logs(claw.ref, { tailLines: 1, follow: true });
      let seen = '';
      stream.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
      });
      await eventually(async () => (seen === 'three\n' ? true : null));
      await claw.ask('/say?text=four');
      await eventually(async () => (seen === 'three\nfour\n' ? true : null));
      stream.destroy();
    });

    test('logs show neither secrets of the claw nor keys of the platform, in what was printed and in what comes', async () => {
      const { claw } = await running('tattles');
      const tell = (word: string) => claw.ask(`/say?text=${encodeURIComponent(`${word} opened for the claw alone clk_abcdefgh_ijklmnop`)}`);
      await tell('before');
      const before = 'before <redacted> <redacted>\n';
      await eventually(async () => ((await text(await harness.driver.logs(claw.ref, { tailLines: 1, follow: false }))) === before ? true : null));
      const stream = await harness.driver.logs(claw.ref, { tailLines: 1, follow: true });
      let seen = '';
      stream.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
      });
      await tell('after');
      await eventually(async () => (seen === `${before}after <redacted> <redacted>\n` ? true : null));
      stream.destroy();
    });

    test('exec runs with an installed version, in a folder that is gone afterwards, and gives back what was printed', async () => {
      const { runtime } = (await harness.claw('asked')).workload;
      const script = "console.log(require('fs').readFileSync('in.txt','utf8')); console.error(process.env.WHERE === process.cwd()); process.exit(4)";
      const files = [{ path: 'in.txt', content: 'read from the scratch folder' }];
      const request = { runtime, command: ['node', '-e', script], env: { WHERE: '${SCRATCH_DIR}' }, files, timeoutSeconds: 20 };
      expect(await harness.driver.exec(harness.hostId, request)).toEqual({ ok: true, exitCode: 4, stdout: 'read from the scratch folder\n', stderr: 'true\n' });
      const endless = { ...request, command: ['node', '-e', 'setInterval(() => {}, 1000)'], timeoutSeconds: 1 };
      await expect(harness.driver.exec(harness.hostId, endless)).rejects.toMatchObject({ code: 'TIMEOUT' });
    });

    test('claws outlive the agent that started them and are adopted by the next one, without a second start', async () => {
      const { claw, fact } = await running('orphaned');
      await harness.killAgent();
      await expect(harness.driver.dial(claw.ref, 'http')).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
      expect(await claw.ask('/about')).toMatchObject({ pid: fact.pid });
      await harness.startAgent();
      const adopted = await observed(claw.ref, ({ seq, ready }) => seq > fact.seq && ready);
      expect(adopted).toMatchObject({ pid: fact.pid, restarts: 0 });
      expect(await claw.ask('/starts')).toHaveLength(1);
      claw.slay(Number(fact.pid));
      await observed(claw.ref, ({ ready, restarts }) => ready && restarts === 1);
    });

    test('a claw that ended while no agent was there is started again by the next one', async () => {
      const { claw, fact } = await running('abandoned');
      await harness.killAgent();
      claw.slay(Number(fact.pid));
      await harness.startAgent();
      expect(await observed(claw.ref, ({ ready, restarts }) => ready && restarts === 1)).toMatchObject({ generation: 1 });
    });

    test('a claw that crashes while the control plane is away is running again before it comes back', async () => {
      const { claw, fact } = await running('lonely');
      await harness.stopControlPlane();
      claw.slay(Number(fact.pid));
      const about = await eventually(async () => (await claw.ask('/about').catch(() => null)) as { pid: number } | null);
      expect(about.pid).not.toBe(fact.pid);
      await harness.startControlPlane();
      expect(await observed(claw.ref, ({ ready, restarts }) => ready && restarts === 1)).toMatchObject({ pid: about.pid });
    });

    test('what was recorded while the control plane was away from the host is done when it is back', async () => {
      const { claw } = await running('told-later');
      await harness.stopControlPlane();
      await harness.driver.stop(claw.ref, 2);
      await harness.startControlPlane();
      expect(await observed(claw.ref, ({ phase }) => phase === 'stopped')).toMatchObject({ generation: 2 });
    });

    test('a restart of the control plane touches no claw', async () => {
      const { claw, fact } = await running('untouched');
      await harness.stopControlPlane();
      await harness.startControlPlane();
      const changed = { ...harness.withSettings(claw.workload, { greeting: 'after' }), generation: 2 };
      await harness.driver.apply(harness.hostId, changed);
      expect(await ready(claw.ref, 2)).toMatchObject({ pid: fact.pid, restarts: 0 });
    });
  });
}

/** The first fact of a claw like this, also when others have followed. */
export function passed(claw: ContractClaw, is: (fact: WorkloadFact) => boolean): Promise<WorkloadFact> {
  return eventually(async () => (await claw.facts()).find(is) ?? null);
}

/** The first answer that is not null; the time-out of the test bounds the wait. */
export async function eventually<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

type Way = { readonly agent?: ReturnType<typeof clawAgent>; readonly port?: number };

/** Body of a GET as JSON; null when it has none. Rejects unless the status is 200. */
export function json(path: string, { agent, port }: Way): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', path, ...(agent ? { agent } : { port }) }, (response) => {
      text(response).then((body) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        else resolve(body === '' ? null : JSON.parse(body));
      }, reject);
    }).on('error', reject);
  });
}

function post(path: string, body: Buffer, { agent }: Way): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', method: 'POST', path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += chunk.toString('utf8');
  return all;
}
