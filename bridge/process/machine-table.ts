import { existsSync } from 'node:fs';
import { createLinuxTable } from './linux-table.ts';
import { createPsTable } from './ps-table.ts';
import type { ProcessTable } from './table.ts';

/** The process table of this machine: /proc where there is one, `ps` elsewhere. */
export function createProcessTable(): ProcessTable {
  return existsSync('/proc/self/stat') ? createLinuxTable() : createPsTable();
}
