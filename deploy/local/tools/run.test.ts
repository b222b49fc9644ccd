import { expect, test } from 'vitest';
import { run, withoutAddresses } from './run.ts';

test('what a failing package tool printed is shown without the registry it used', async () => {
  const script = "console.error('Could not fetch URL https://user:secret@registry.internal/simple/x: refused'); process.exit(3)";
  await expect(run(process.execPath, ['--eval', script])).rejects.toThrow('Could not fetch URL <address> refused');
  expect(withoutAddresses("HTTPSConnectionPool(host='registry.internal', port=443)")).not.toContain('registry.internal');
});

test('a command that takes too long is ended and reported', async () => {
  await expect(run(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })).rejects.toThrow('ended with SIGKILL');
});
