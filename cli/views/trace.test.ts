import { expect, test } from 'vitest';
import { formatTrace } from './trace.ts';

const instanceId = 'ins_01kah3v5c0q2m4x6z8cc';
const operationId = 'op_01kah3v5c0q2m4x6z8bb';

test('an id is shown with everything that hangs together with it, and the command that shows more', () => {
  const workflow = { id: `instance/${instanceId}`, runId: '0192-ab', url: null };
  expect(
    formatTrace({ id: operationId, kind: 'operation', requestId: 'req-12345678', operationIds: [operationId], instanceId, workflow }),
  ).toMatchInlineSnapshot(`
    "Kind:      operation
    Request:   req-12345678
    Operation: op_01kah3v5c0q2m4x6z8bb
    Instance:  ins_01kah3v5c0q2m4x6z8cc
    Workflow:  instance/ins_01kah3v5c0q2m4x6z8cc
    Run:       0192-ab

    More: claw describe ins_01kah3v5c0q2m4x6z8cc
    "
  `);
});

test('a request with many operations leads to their list', () => {
  const operationIds = Array.from({ length: 12 }, (_, index) => `op_${index}`);
  const text = formatTrace({ id: 'req-12345678', kind: 'request', requestId: 'req-12345678', operationIds, instanceId: null, workflow: null });
  expect(text).toContain('and 2 more');
  expect(text).toContain('More: claw operations list --request req-12345678');
  expect(text).not.toContain('op_10');
});
