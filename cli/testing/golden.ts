import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Folder of the stored outputs. */
export const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));

/**
 * Holds what a command printed against the stored file, character by character. `CLAW_GOLDEN=write` stores it instead, for a change
 * that is meant; the difference is then in the commit for whoever reviews it.
 */
export function expectGolden(name: string, printed: string): void {
  const file = `${GOLDEN}${name}.txt`;
  if (process.env['CLAW_GOLDEN'] === 'write') writeFileSync(file, printed);
  if (!existsSync(file)) throw new Error(`${file} is not there; CLAW_GOLDEN=write npm test -- unit cli/golden makes it`);
  expect(printed).toBe(readFileSync(file, 'utf8'));
}
