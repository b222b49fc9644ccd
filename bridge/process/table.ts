/** One process as the machine sees it. `start` names this incarnation: two processes with the same pid differ in it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly uid: number;
  readonly start: string;
}

/** What a process uses. */
export interface ProcessUsage {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly uid: number;
  /** CPU time since its start in milliseconds, with that of its children that ended where the machine tells. */
  readonly cpuMilliseconds: number;
  readonly memoryBytes: number;
}

/** Who runs on this machine. Zombies are not listed: they run nothing any more. */
export interface ProcessTable {
  one(pid: number): ProcessEntry | null;
  all(): readonly ProcessEntry[];
  /** What everybody uses, in one look. */
  usage(): readonly ProcessUsage[];
  /** A variable of the environment a process was started with; null where there is none or it cannot be read. */
  variable(pid: number, name: string): string | null;
}

/** Whether the process of that pid is still the one whose start was recorded. */
export function isSameProcess(table: ProcessTable, pid: number, start: string): boolean {
  return table.one(pid)?.start === start;
}
