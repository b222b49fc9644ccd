/** Activities about one host. */
export interface HostActivities {
  /** Turns the facts of a host's bridge into observed columns, events and signals; returns after a day so that its workflow can start afresh. */
  observeHost(input: { readonly hostId: string }): Promise<void>;
}
