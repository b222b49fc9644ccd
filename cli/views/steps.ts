import type { OperationStep, OperationView } from '../../workflows/contracts/operation.ts';
import { oneLine, span } from '../lib/text.ts';

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** `in 12s`, from the start to the end of a step or operation; empty while one of them is missing. */
function took(startedAt: string | null, finishedAt: string | null): string {
  return startedAt && finishedAt ? ` in ${span(seconds(startedAt, finishedAt))}` : '';
}

/** The attempts of a step as a sentence with code and next try: what a person reads under the step. */
export function attemptText(step: OperationStep, now: Date): string {
  const attempt = `attempt ${step.attempt} of ${step.maxAttempts}`;
  const reason = step.error ? `${oneLine(step.error.message)} (${step.error.code})` : null;
  // While an attempt is on, the error is still the one of the attempt before.
  if (step.state === 'running' && step.attempt > 1) return reason ? `${attempt}; the one before failed: ${reason}` : attempt;
  if (!reason || step.state === 'running') return '';
  if (step.state !== 'retrying' || !step.nextAttemptAt) return `${attempt} failed: ${reason}`;
  const wait = (Date.parse(step.nextAttemptAt) - now.getTime()) / 1000;
  return `${attempt} failed: ${reason}; next try ${wait > 0 ? `in ${span(wait)}` : 'now'}`;
}

function stepLine(step: OperationStep, now: Date): string | null {
  switch (step.state) {
    case 'pending':
      return null;
    case 'succeeded':
      return `  ${step.name}: done${took(step.startedAt, step.finishedAt)}`;
    case 'skipped':
      return `  ${step.name}: skipped`;
    case 'cancelled':
      return `  ${step.name}: cancelled`;
    case 'running':
      return `  ${step.name}: ${step.attempt > 1 ? `attempt ${step.attempt} of ${step.maxAttempts}` : 'running'}`;
    default:
      return `  ${step.name}: ${attemptText(step, now) || step.state}`;
  }
}

const fingerprint = (step: OperationStep | undefined): string =>
  step ? JSON.stringify([step.state, step.attempt, step.nextAttemptAt, step.error?.code ?? null]) : '';

/** `create sales-bot`, the words an operation goes by. */
export function operationTitle(operation: OperationView): string {
  return `${operation.kind} ${oneLine(operation.target.name)}`;
}

/** How an operation ended and how long it took. */
export function endText(operation: OperationView): string {
  return `${operationTitle(operation)}: ${operation.state}${took(operation.startedAt ?? operation.createdAt, operation.finishedAt)}`;
}

/** What happened between two looks at an operation, one line each; `before` is null at the first look. */
export function progressLines(before: OperationView | null, after: OperationView, now: Date): string[] {
  const lines = before ? [] : [`${operationTitle(after)} (${after.id})`];
  for (const [index, step] of after.steps.entries()) {
    if (fingerprint(before?.steps[index]) === fingerprint(step)) continue;
    const line = stepLine(step, now);
    if (line) lines.push(line);
  }
  if (after.finishedAt && !before?.finishedAt) lines.push(endText(after));
  return lines;
}
