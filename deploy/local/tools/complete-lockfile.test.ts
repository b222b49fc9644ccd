import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../platform.ts';
import { completed, missingOptionals } from './complete-lockfile.mjs';

const text = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');

test('the lockfile is complete for every platform, or npm ci would refuse it on a fresh clone', () => {
  expect(missingOptionals(JSON.parse(text))).toEqual([]);
});

test('the lockfile names no registry', () => {
  expect(text).not.toContain('"resolved"');
});

test('what is missing is added for the platform its name tells', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/tool': { version: '1.2.3', dev: true, optionalDependencies: { '@tool/linux-x64': '1.2.3', '@tool/darwin-arm64': '1.2.3' } },
      'node_modules/@tool/linux-x64': { version: '1.2.3' },
    },
  };
  expect(completed(lock).packages['node_modules/@tool/darwin-arm64']).toEqual({ version: '1.2.3', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] });
  expect(missingOptionals(completed(lock))).toEqual([]);
});
