import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { sourceHash } from './source-hash.ts';

function clone(files: Record<string, string>): string {
  const root = scratchFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('two clones with the same text have the same digest', () => {
  const files = { 'workflows/a.ts': '1', 'workflows/b/c.ts': '2', lock: 'x' };
  expect(sourceHash(clone(files), ['workflows', 'lock'])).toBe(sourceHash(clone(files), ['workflows', 'lock']));
});

test('a changed, moved or new file changes it', () => {
  const base = sourceHash(clone({ 'w/a.ts': '1' }), ['w']);
  const changes: Record<string, string>[] = [{ 'w/a.ts': '2' }, { 'w/b.ts': '1' }, { 'w/a.ts': '1', 'w/b.ts': '' }];
  for (const changed of changes) expect(sourceHash(clone(changed), ['w'])).not.toBe(base);
});

test('tests do not change what is built', () => {
  expect(sourceHash(clone({ 'w/a.ts': '1', 'w/a.test.ts': '1', 'w/b.it.test.ts': '2' }), ['w'])).toBe(sourceHash(clone({ 'w/a.ts': '1' }), ['w']));
});
