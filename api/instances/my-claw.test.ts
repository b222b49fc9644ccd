import { expect, test } from 'vitest';
import { INSTANCE_NAME_PATTERN } from '../../workflows/contracts/ids.ts';
import { clawNameOf } from './my-claw.ts';

test.each([
  ['Ada Lovelace', 'ada-claw'],
  ['Élodie', 'elodie-claw'],
  ['  --Zoë--  ', 'zoe-claw'],
  ['山田 太郎', 'my-claw'],
  ['', 'my-claw'],
  ['x'.repeat(200), `${'x'.repeat(24)}-claw`],
])('the claw of %j is named %s', (person, name) => {
  expect(clawNameOf(person)).toBe(name);
  expect(name).toMatch(new RegExp(INSTANCE_NAME_PATTERN));
});
