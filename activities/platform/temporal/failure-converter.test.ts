import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import { failureConverter } from './failure-converter.ts';

const SECRET = 'the provider refused the key sk-canary';

test('nothing of a failure but its type stays readable in a history: message, stack and cause go into what is encrypted', () => {
  const cause = new Error(SECRET);
  const failure = failureConverter.errorToFailure(ApplicationFailure.create({ message: SECRET, type: 'INTERNAL', cause }), defaultPayloadConverter);
  const { encodedAttributes, ...readable } = failure;
  expect(JSON.stringify({ ...readable, cause: { ...readable.cause, encodedAttributes: null } })).not.toContain('canary');
  expect(Buffer.from(encodedAttributes?.data ?? '').toString()).toContain(SECRET);
  expect(failure.applicationFailureInfo?.type).toBe('INTERNAL');
});
