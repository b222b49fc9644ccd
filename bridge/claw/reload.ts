import { request } from 'node:http';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Workload } from '../../workflows/contracts/workload.ts';
import { sendSignal } from '../process/sweep.ts';
import { belongsTo } from './probes.ts';

const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Tells a running claw that its files changed, the way its type wants: by a signal, by HTTP, or not at all (`hot`). `ownerId` is the uid of
 * the claw, null where claws have none. Throws CONFIG_NOT_APPLIED when the claw did not take them.
 */
export async function notifyClaw(workload: Workload, pid: number | null, ownerId: number | null): Promise<void> {
  const [kind, ...rest] = workload.reload.split(':');
  const how = rest.join(':');
  if (kind === 'signal' && pid !== null) sendSignal(pid, how as NodeJS.Signals);
  if (kind === 'http') await callClaw(workload, how, ownerId);
}

function callClaw(workload: Workload, how: string, ownerId: number | null): Promise<void> {
  const [method = 'POST', path = '/'] = how.trim().split(/\s+/);
  const port = Object.values(workload.ports)[0];
  return new Promise((resolve, reject) => {
    const refused = (why: string): void => reject(new Failure('CONFIG_NOT_APPLIED', `The claw did not take its new files: ${why}.`));
    // Whoever else listens there can neither speak for the claw nor learn that it is told something.
    if (port !== undefined && !belongsTo(port, ownerId)) return refused('somebody else listens on its port');
    const call = request({ host: '127.0.0.1', port, path, method, agent: false, timeout: TIMEOUT_MILLISECONDS }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) resolve();
      else refused(`it answered ${status}`);
    });
    call.on('timeout', () => call.destroy(new Error('it did not answer')));
    call.on('error', (error: NodeJS.ErrnoException) => refused(error.code ?? error.message));
    call.end();
  });
}
