import type { OperationView } from '../../workflows/contracts/operation.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine } from '../lib/text.ts';

function currentStep(operation: OperationView): string {
  const step = operation.steps.find(({ state }) => state === 'running' || state === 'retrying' || state === 'failed');
  if (!step) return '-';
  return step.attempt > 1 ? `${step.name} (${step.attempt}/${step.maxAttempts})` : step.name;
}

/** Operations in a list. */
export const OPERATIONS: View<OperationView> = {
  columns: [
    { title: 'ID', cell: (row) => row.id },
    { title: 'KIND', cell: (row) => row.kind },
    { title: 'TARGET', cell: (row) => oneLine(row.target.name) },
    { title: 'STATE', room: 9, cell: (row, { paint }) => paintState(paint, row.state) },
    { title: 'STEP', room: 24, cell: currentStep },
    { title: 'AGE', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'ERROR', cell: (row) => row.error?.code ?? row.steps.findLast((step) => step.error)?.error?.code ?? '-' },
    { title: 'BY', wide: true, cell: (row) => row.requestedBy },
    { title: 'REQUEST', wide: true, cell: (row) => oneLine(row.requestId ?? '-') },
    { title: 'TARGET-ID', wide: true, cell: (row) => row.target.id },
    { title: 'CAN', wide: true, cell: (row) => row.allowed.join(',') || '-' },
  ],
  name: (row) => row.id,
  empty: 'No operations.',
};
