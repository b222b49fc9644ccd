import { expect, test } from 'vitest';
import { captureIo } from '../testing/capture.ts';
import { sampleInstance } from '../testing/samples.ts';
import { HOSTS } from '../views/host.ts';
import { INSTANCES } from '../views/instance.ts';
import { identityOf, RowTracker, rowPrinter } from './watch.ts';

const other = sampleInstance({ id: 'ins_01kah3v5c0q2m4x6z8ab', name: 'research' });
const stopping = sampleInstance({ status: { phase: 'Stopping', operation: { id: 'op_01kah3v5c0q2m4x6z8ff', kind: 'stop', state: 'running' } } });
const stopped = sampleInstance({ status: { phase: 'Stopped', ready: false } });

test('only what is new, changed or not listed any more is told', () => {
  const tracker = new RowTracker(identityOf(INSTANCES, 'table'));
  expect(tracker.look([sampleInstance(), other])).toEqual({ changed: [sampleInstance(), other], left: [] });
  expect(tracker.look([other, sampleInstance()])).toEqual({ changed: [], left: [] });
  expect(tracker.look([stopping, other])).toEqual({ changed: [stopping], left: [] });
  expect(tracker.look([stopping])).toEqual({ changed: [], left: [other] });
  expect(tracker.look([stopping, other])).toEqual({ changed: [other], left: [] });
});

test('what a format does not show is no change of it, and neither is the time that passes', () => {
  const relabelled = sampleInstance({ labels: { env: 'dev' } });
  const host = {
    id: 'hst_01kah3v5c0q2m4x6z8ee',
    name: 'h',
    state: 'online',
    info: null,
    instances: 0,
    reserved: { cpu: '0', memory: '0' },
    unknownClaws: [],
    lastSeenAt: '2026-11-21T11:59:58.000Z',
    createdAt: '',
  } as const;
  const differs = (format: 'table' | 'wide' | 'json' | 'name') =>
    identityOf(INSTANCES, format).print(relabelled) !== identityOf(INSTANCES, format).print(sampleInstance());
  expect([differs('table'), differs('name'), differs('wide'), differs('json')]).toEqual([false, false, true, true]);
  const seen = identityOf(HOSTS, 'table');
  expect(seen.print(host)).toBe(seen.print({ ...host, lastSeenAt: '2026-11-21T12:00:00.000Z' }));
  expect(seen.print(host)).not.toBe(seen.print({ ...host, state: 'offline' }));
});

test('a watched table has one header, and its columns stay where they are', async () => {
  const io = captureIo();
  const print = rowPrinter(io, 'table', INSTANCES);
  await print([sampleInstance(), other]);
  await print([]);
  await print([stopping]);
  await print([stopped]);
  expect(io.out()).toMatchInlineSnapshot(`
    "NAME       PHASE                TYPE      VERSION   RESTARTS  AGE   OPERATION         REASON
    sales-bot  Running              openclaw  2026.9.6  0         3d4h  -                 -
    research   Running              openclaw  2026.9.6  0         3d4h  -                 -
    sales-bot  Stopping             openclaw  2026.9.6  0         3d4h  stop running      -
    sales-bot  Stopped              openclaw  2026.9.6  0         3d4h  -                 -
    "
  `);
});

test('with json each object is one line, with yaml a document, with name a word', async () => {
  const printed = async (format: 'json' | 'yaml' | 'name'): Promise<string> => {
    const io = captureIo();
    const print = rowPrinter(io, format, INSTANCES);
    await print([sampleInstance()]);
    await print([stopped, other]);
    return io.out();
  };
  const lines = (await printed('json')).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual([sampleInstance(), stopped, other]);
  expect((await printed('yaml')).split('---\n').map((text) => /^name: (.*)$/m.exec(text)?.[1])).toEqual([undefined, 'sales-bot', 'sales-bot', 'research']);
  expect(await printed('name')).toBe('sales-bot\nsales-bot\nresearch\n');
});
