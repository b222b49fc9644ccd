import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { readThroughDial } from './dialed-http.ts';

describe('a claw asked through a dialed connection', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** Bytes to a real server that are no socket, as those through a bridge are not. */
  async function dialer(answer: RequestListener): Promise<() => Promise<Duplex>> {
    const server = createServer(answer);
    const port = await listenOnLoopback(server);
    closers.push(() => closeServer(server));
    return async () => {
      const socket = connect(port, '127.0.0.1');
      return Duplex.from({ readable: socket, writable: socket });
    };
  }

  test('answers with the body', async () => {
    expect(await readThroughDial(await dialer((_request, response) => response.end('sha256:1')), '/revision')).toBe('sha256:1');
  });

  test('is unavailable when it accepts the connection and never answers', async () => {
    const dial = await dialer(() => undefined);
    await expect(readThroughDial(dial, '/revision', 50)).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE', message: expect.stringContaining('too slow') });
  });

  test('is unavailable when it answers an error or far too much', async () => {
    const failing = await dialer((_request, response) => response.writeHead(503).end());
    await expect(readThroughDial(failing, '/revision')).rejects.toMatchObject({ message: expect.stringContaining('503') });
    const endless = await dialer((_request, response) => response.end('x'.repeat(100_000)));
    await expect(readThroughDial(endless, '/revision')).rejects.toMatchObject({ message: expect.stringContaining('too long') });
  });
});
