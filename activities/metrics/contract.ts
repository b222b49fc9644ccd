/** What became of one pass; counts of rows. */
export interface MetricsPass {
  readonly rolledUp: number;
  readonly removed: number;
}

/** Activities about the metrics of claws and hosts, of every tenant. */
export interface MetricsActivities {
  /** Sums samples up level by level and removes what is older than its level is kept. Repeatable: a pass over what was done already changes nothing. */
  rollUpMetrics(): Promise<MetricsPass>;
}
