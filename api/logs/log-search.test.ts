import { expect, test } from 'vitest';
import { type LogQuestion, type LogSource, searchLogs } from './log-search.ts';

const piece = (from: number, to: number | null, lines: readonly string[], archiveId: string | null = `lga_${from}`): LogSource => ({
  from,
  to,
  archiveId,
  read: async () =>
    (async function* () {
      // Chunks that end where no line does.
      const bytes = Buffer.from(lines.join('\n'));
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    })(),
});
const SOURCES = [
  piece(100, 200, ['error: a', 'info b']),
  piece(300, null, ['e', 'Error: f'], null),
  piece(200, 300, ['c needle', '{"level":50,"msg":"d needle"}']),
];
const ENDLESS = { bytes: 1_000_000, isOver: () => false };
const ask = (change: Partial<LogQuestion> = {}, budget = ENDLESS, sources = SOURCES) =>
  searchLogs(sources, { text: '', from: null, to: null, levels: null, limit: 100, before: null, ...change }, budget);

test('lines are found across pieces, newest first, each with its place', async () => {
  const { hits, next, reached } = await ask();
  expect(hits.map(({ text }) => text)).toEqual(['Error: f', 'e', '{"level":50,"msg":"d needle"}', 'c needle', 'info b', 'error: a']);
  expect(hits[0]).toMatchObject({ archiveId: null, place: { from: 300, line: 2 }, level: 'error' });
  expect([next, reached]).toEqual([null, 100]);
});

test('text whatever its case, level and time narrow it', async () => {
  expect((await ask({ text: 'NEEDLE' })).hits).toHaveLength(2);
  expect((await ask({ levels: ['error'] })).hits.map(({ text }) => text)).toEqual(['Error: f', '{"level":50,"msg":"d needle"}', 'error: a']);
  expect((await ask({ from: 200, to: 300 })).hits.map(({ text }) => text)).toEqual(['{"level":50,"msg":"d needle"}', 'c needle']);
  const dated = [piece(0, null, ['2026-01-01T00:00:00Z a', 'still a', '2026-01-02T00:00:00Z b'])];
  const second = Date.parse('2026-01-02T00:00:00Z');
  expect((await ask({ to: second }, ENDLESS, dated)).hits.map(({ text }) => text)).toEqual(['still a', '2026-01-01T00:00:00Z a']);
});

test.each([1, 2, 4, 5])('pages of %i hold every line once', async (limit) => {
  const pages: string[] = [];
  for (let before: LogQuestion['before'] = null; ; ) {
    const { hits, next } = await ask({ limit, before });
    pages.push(...hits.map(({ text }) => text));
    if (!next) break;
    before = next;
  }
  expect(pages).toEqual((await ask()).hits.map(({ text }) => text));
});

test('a search that read enough says where to go on', async () => {
  const first = await ask({ text: 'a' }, { bytes: 5, isOver: () => false });
  expect(first).toMatchObject({ hits: [], next: { from: 200 }, reached: 300 });
  expect((await ask({ text: ': a', before: first.next })).hits).toHaveLength(1);
});

test('a piece that is archived while it is read on the host counts once', async () => {
  const twice = [piece(300, 400, ['e', 'Error: f']), ...SOURCES];
  expect((await ask({}, ENDLESS, twice)).hits.filter(({ place }) => place.from === 300)).toEqual([
    expect.objectContaining({ archiveId: 'lga_300', text: 'Error: f' }),
    expect.objectContaining({ archiveId: 'lga_300', text: 'e' }),
  ]);
});
