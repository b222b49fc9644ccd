import type { InstanceStatus } from '../../../../workflows/contracts/instance.ts';

/** Why the instance is as it is, as a failure to show: code, sentence; null when all is well or nothing is known. */
export function statusReason(
  status: Pick<InstanceStatus, 'phase' | 'ready' | 'reason' | 'message'>,
): { readonly code: string; readonly message: string; readonly nextStep: null } | null {
  if (status.message === null || status.message === '') return null;
  if (status.phase === 'Running' && status.ready) return null;
  return { code: status.reason ?? 'UNKNOWN', message: status.message, nextStep: null };
}
