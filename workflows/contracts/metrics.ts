/** What one claw used between two ticks of its host, and what it holds at the second. */
export interface ClawSample {
  readonly instanceId: string;
  /** Thousandths of a CPU, on average since the tick before. */
  readonly cpuMillicores: number;
  /** Memory that cannot be taken back: the working set of its group where the host has groups, else resident pages. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** How often its bridge restarted it, ever. */
  readonly restarts: number;
  /** What its folders hold; null between two looks, which are minutes apart. */
  readonly diskBytes: number | null;
}

/** The machine itself at the same moment. */
export interface HostSample {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly diskUsedBytes: number;
  readonly diskTotalBytes: number;
  /** Load average of one minute. */
  readonly load1: number;
}

/** Everything a bridge measured at one moment. */
export interface MetricTick {
  readonly at: string;
  readonly host: HostSample;
  readonly claws: readonly ClawSample[];
}

/** Ticks of one message, and claws of one tick. */
export const METRIC_BATCH_TICKS = 30;
export const METRIC_TICK_CLAWS = 2_000;

/** How long a bridge keeps what it could not send; samples older than this do not arrive any more. */
export const METRIC_LATE_SECONDS = 3_600;

/** Samples as they came have step 0; every other level sums up the one before it. Steps in seconds, aligned to the epoch. */
export const METRIC_STEPS = [0, 60, 300, 3_600, 86_400] as const;
export type MetricStep = (typeof METRIC_STEPS)[number];

/** Seconds each level is kept, in the order of `METRIC_STEPS`. */
export type MetricKeep = readonly [number, number, number, number, number];
