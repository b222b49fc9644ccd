import { createServer, type Server } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { problemHandler } from './problem.ts';
import { limitAddresses, limitTenants, type RateLimits } from './rate-limit.ts';
import { type Actor, contextOf, requestContext } from './request-context.ts';

let server: Server | undefined;
afterEach(async () => {
  if (server) await closeServer(server);
});

/** Asks a server with these limits as somebody of a tenant, or as nobody; answers the statuses. */
async function asks(limits: Partial<RateLimits>, requests: readonly { readonly tenant?: string; readonly method?: string }[]): Promise<Response[]> {
  const all: RateLimits = { address: 0, stranger: 0, read: 0, write: 0, ...limits };
  const app = express();
  app.use(requestContext(), limitAddresses(all));
  app.use((request, response, next) => {
    const tenantId = request.get('x-as');
    if (tenantId) contextOf(response).actor = { tenantId, userId: 'usr' } as Actor;
    next();
  });
  app.use(limitTenants(all));
  app.use((_request, response) => void response.json({}));
  app.use(problemHandler(pino({ level: 'silent' })));
  server = createServer(app);
  const port = await listenOnLoopback(server);
  const answers: Response[] = [];
  for (const { tenant, method = 'GET' } of requests)
    answers.push(await fetch(`http://127.0.0.1:${port}/`, { method, headers: tenant ? { 'x-as': tenant } : {} }));
  return answers;
}

const statuses = (answers: readonly Response[]) => answers.map(({ status }) => status);

describe('how much may be asked', () => {
  test('a tenant that asks too much is told how long to wait, and no other pays for it', async () => {
    const answers = await asks({ read: 2 }, [{ tenant: 'a' }, { tenant: 'a' }, { tenant: 'a' }, { tenant: 'b' }]);
    expect(statuses(answers)).toEqual([200, 200, 429, 200]);
    const told = Object.fromEntries(answers[1]?.headers ?? []);
    expect(told).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '0', 'ratelimit-reset': expect.stringMatching(/^\d+$/) });
    expect(answers[2]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answers[2]?.json()).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('looking and changing are counted apart', async () => {
    const [look, change] = [{ tenant: 'a' }, { tenant: 'a', method: 'POST' }];
    expect(statuses(await asks({ read: 1, write: 1 }, [look, change, look, change]))).toEqual([200, 200, 429, 429]);
  });

  test('strangers are counted by their address, and everybody by theirs', async () => {
    expect(statuses(await asks({ stranger: 1 }, [{}, {}, { tenant: 'a' }]))).toEqual([200, 429, 200]);
    expect(statuses(await asks({ address: 2 }, [{ tenant: 'a' }, { tenant: 'b' }, { tenant: 'c' }]))).toEqual([200, 200, 429]);
  });

  test('zero counts nothing', async () => {
    const answers = await asks({}, [{}, {}]);
    expect(statuses(answers)).toEqual([200, 200]);
    expect(answers[0]?.headers.get('ratelimit-limit')).toBeNull();
  });
});
