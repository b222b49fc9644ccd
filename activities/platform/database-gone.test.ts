import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { isDatabaseGone } from './database-gone.ts';

const withCode = (code: string, message = 'no') => Object.assign(new Error(message), { code });

test.each([
  ['PostgreSQL that shuts down', withCode('57P01')],
  ['PostgreSQL that starts', withCode('57P03', 'the database system is starting up')],
  ['too many connections', withCode('53300')],
  ['a lost connection', withCode('08006')],
  ['a refused connection', withCode('ECONNREFUSED')],
  ['what Prisma says of a server it cannot reach', withCode('P1001')],
  ['a connection that ended under a query', new Error('Connection terminated unexpectedly')],
  ['a pool that got no connection', new Error('timeout exceeded when trying to connect')],
  ['a wrapped one', new Error('query failed', { cause: withCode('ECONNRESET') })],
])('%s is a database that is away', (_what, error) => {
  expect(isDatabaseGone(error)).toBe(true);
});

test('a socket file that is not there is a database that is away', async () => {
  const error = await new Promise((resolve) => connect('/nowhere/.s.PGSQL.5432').once('error', resolve));
  expect(isDatabaseGone(error)).toBe(true);
});

test.each([
  ['a broken constraint', withCode('23505', 'duplicate key value violates unique constraint')],
  ['a statement that took too long', withCode('57014')],
  ['a file that is not there', Object.assign(withCode('ENOENT'), { syscall: 'open' })],
  ['what is no error', { code: '57P01' }],
])('%s is not', (_what, error) => {
  expect(isDatabaseGone(error)).toBe(false);
});
