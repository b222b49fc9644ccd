import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder for the running test, removed when it ends. Other users may walk through it, as through a clone's. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clawloops-scratch-'));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
