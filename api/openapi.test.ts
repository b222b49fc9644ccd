import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CONTRACTS } from './contracts.ts';
import { generated } from './openapi.ts';

const GENERATED = path.join(import.meta.dirname, '../frontend/src/api');

it('keeps the generated document and types of the portal and the command line up to date', async () => {
  for (const [name, content] of Object.entries(await generated())) {
    expect(await readFile(path.join(GENERATED, name), 'utf8'), `run: node api/openapi.ts --write (${name})`).toBe(content);
  }
});

it('gives every route an operation id and a path of its own', () => {
  expect(new Set(CONTRACTS.map((route) => route.id)).size).toBe(CONTRACTS.length);
  expect(new Set(CONTRACTS.map((route) => `${route.method} ${route.path}`)).size).toBe(CONTRACTS.length);
});

it('declares every parameter that a path holds', () => {
  for (const route of CONTRACTS) {
    const inPath = [...route.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
    expect(Object.keys(route.params?.shape ?? {}), route.id).toEqual(inPath);
  }
});
