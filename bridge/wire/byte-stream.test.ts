import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { createStreamTable, type StreamTable } from './stream-table.ts';

/** Two ends joined by a wire that delivers later, in order, and counts what is on the way. */
function joined() {
  const wire = { inFlight: 0, most: 0 };
  const ends: StreamTable[] = [];
  const linkTo = (other: number) => ({
    data: (streamId: string, chunk: Uint8Array, confirmed: () => void) => {
      wire.inFlight += chunk.length;
      wire.most = Math.max(wire.most, wire.inFlight);
      setImmediate(() =>
        ends[other]?.onData(streamId, chunk, () => {
          wire.inFlight -= chunk.length;
          setImmediate(confirmed);
        }),
      );
    },
    end: (streamId: string, error: string | null) => void setImmediate(() => ends[other]?.onEnd(streamId, error)),
  });
  ends.push(createStreamTable(linkTo(1)), createStreamTable(linkTo(0)));
  const [a, b] = ends as [StreamTable, StreamTable];
  return { near: a.open('s'), far: b.open('s'), a, b, wire };
}

test('bytes arrive unchanged in both directions and each direction ends for itself', async () => {
  const { near, far } = joined();
  const there = randomBytes(3_000_000);
  const back = randomBytes(200_000);
  near.end(there);
  expect(Buffer.compare(Buffer.concat(await far.toArray()), there)).toBe(0);
  far.end(back);
  expect(Buffer.compare(Buffer.concat(await near.toArray()), back)).toBe(0);
});

test('a reader that does not read holds up the writer after a bounded amount', async () => {
  const { near, far, wire } = joined();
  const all = randomBytes(5_000_000);
  let written = 0;
  const writing = (async () => {
    for (let at = 0; at < all.length; at += 50_000) {
      if (!near.write(all.subarray(at, at + 50_000))) await new Promise((resolve) => near.once('drain', resolve));
      written = at;
    }
    near.end();
  })();
  let former = -1;
  while (former !== written) {
    former = written;
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  }
  expect(written).toBeLessThan(2_000_000);
  expect(wire.most).toBeLessThan(1_000_000);
  expect(Buffer.compare(Buffer.concat(await far.toArray()), all)).toBe(0);
  await writing;
});

test('a stream that is closed on one end is closed on the other', async () => {
  const { near, far } = joined();
  near.destroy();
  await expect(finished(far)).rejects.toThrow('closed');
});

test('a lost connection breaks every stream with the reason', async () => {
  const { near, a } = joined();
  const ended = finished(near);
  a.breakAll('the connection of the host was lost');
  await expect(ended).rejects.toThrow('the connection of the host was lost');
});
