import { expect, test } from 'vitest';
import { actionOf } from './refusals.ts';

test('an act that was refused has the name that it would have had', () => {
  expect(['stopInstance', 'createApiKey', 'endUnknownClaw', 'invite'].map(actionOf)).toEqual(['instance.stop', 'api-key.create', 'unknown-claw.end', 'invite']);
});
