import { statSync } from 'node:fs';
import path from 'node:path';

/** Whether a process of any uid may run this file: every folder above it can be passed through. */
export function isReachable(file: string): boolean {
  if (process.getuid?.() !== 0) return true;
  for (let entry = file; ; entry = path.dirname(entry)) {
    const others = statSync(entry).mode & 0o005;
    if ((others & 0o001) === 0) return false;
    if (entry === path.dirname(entry)) return true;
  }
}
