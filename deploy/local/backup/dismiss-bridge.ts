import { join } from 'node:path';
import { createProcessTable } from '../../../bridge/process/machine-table.ts';
import { isSameProcess } from '../../../bridge/process/table.ts';
import { readJson } from '../supervisor/json-file.ts';
import { identify, signalProcess, waitUntilGone } from '../supervisor/process-identity.ts';

const LEAVE_MS = 15_000;

/**
 * Tells the bridge that still has this folder to go and leave its claws running: the supervisor that started it is lost, and the next
 * platform brings its own, which adopts them. Throws when it does not go.
 */
export async function dismissBridge(clawsDir: string): Promise<void> {
  const holder = readJson<{ readonly pid: number; readonly start: string }>(join(clawsDir, 'bridge.lock'));
  if (!holder || !isSameProcess(createProcessTable(), holder.pid, holder.start)) return;
  const identity = identify(holder.pid);
  if (!identity) return;
  signalProcess(holder.pid, 'SIGTERM');
  if (!(await waitUntilGone(identity, LEAVE_MS)))
    throw new Error(`The bridge of the lost platform (process ${holder.pid}) does not go. End it, then restore again.`);
}
