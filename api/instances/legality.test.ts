import { expect, it } from 'vitest';
import { LEGAL_OPERATIONS, Phase } from '../../workflows/contracts/instance.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { legalKinds, refusal } from './legality.ts';

const op = (kind: OperationKind) => ({ id: 'op_1', kind });

it('accepts exactly what the table allows when nothing runs', () => {
  for (const phase of Object.values(Phase)) {
    for (const kind of Object.values(OperationKind)) {
      expect(refusal({ phase, active: [] }, kind) === null, `${kind} in ${phase}`).toBe(LEGAL_OPERATIONS[phase].includes(kind));
    }
  }
});

it('lets only kill, retry and destroy go before an operation that has not ended', () => {
  expect(legalKinds({ phase: 'Running', active: [op('stop')] })).toEqual(['kill', 'destroy']);
  expect(legalKinds({ phase: 'Creating', active: [op('create')] })).toEqual(['kill', 'retry', 'destroy']);
});

it('says that another operation runs when the act itself is possible in the phase', () => {
  expect(refusal({ phase: 'Running', active: [op('stop')] }, 'restart')).toMatchObject({ code: 'OPERATION_IN_PROGRESS', details: { operationId: 'op_1' } });
});

it('does not queue the same pre-empting operation twice', () => {
  expect(refusal({ phase: 'Running', active: [op('kill')] }, 'kill')).toMatchObject({ code: 'OPERATION_IN_PROGRESS' });
});

it('takes nothing more once a destroy is accepted, whatever the phase still shows', () => {
  for (const kind of Object.values(OperationKind)) {
    expect(refusal({ phase: 'Running', active: [op('destroy')] }, kind)).toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { allowed: [] } });
  }
});

it('names what is possible in the refusal', () => {
  expect(refusal({ phase: 'Stopped', active: [] }, 'stop')?.message).toContain('start, update, rotate-key, destroy');
});
