/** Queues keep interactive work, slow runtime work and watchers from starving one another. */
export const TaskQueue = {
  /** Workflows and light activities. */
  core: 'claw-core',
  /** Runtime drivers: installs, waits for readiness. */
  runtime: 'claw-runtime',
  /** Rollout fan-out and backups. */
  bulk: 'claw-bulk',
  /** Never-ending watchers, a few long slots. */
  observe: 'claw-observe',
} as const;
export type TaskQueue = (typeof TaskQueue)[keyof typeof TaskQueue];

/** Type of failure of an activity whose worker went away in good order; it is run again without spending an attempt. */
export const WORKER_LOST = 'WORKER_LOST';
