/** What one request came to. `unknown`: no answer came, so that it may have been accepted or not. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly operationId: string }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' };

/** A request for an operation. */
export interface Asked {
  /** Sent as X-Request-Id with every try; the operation keeps it. */
  readonly requestId: string;
  readonly what: string;
  readonly outcome: Outcome;
}

/** An operation as the database holds it. */
export interface RecordedOperation {
  readonly id: string;
  readonly instanceId: string;
  readonly seq: number;
  readonly kind: string;
  readonly requestId: string | null;
  readonly state: string;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** What was answered against what was recorded: each accepted request is there once, a refused one not at all, and nothing came from nowhere. */
export function auditLedger(asked: readonly Asked[], recorded: readonly RecordedOperation[]): string[] {
  const found: string[] = [];
  const byRequest = Map.groupBy(recorded, ({ requestId }) => requestId);
  for (const { requestId, what, outcome } of asked) {
    const rows = byRequest.get(requestId) ?? [];
    if (rows.length > 1) found.push(`one request became ${rows.length} operations: ${what} ${rows.map(({ id }) => id).join(' ')}`);
    if (outcome.kind === 'accepted' && !rows.some(({ id }) => id === outcome.operationId))
      found.push(`an accepted operation is lost: ${what} ${outcome.operationId}`);
    if (outcome.kind === 'refused' && rows[0]) found.push(`a refused request became an operation: ${what} ${outcome.code} ${rows[0].id}`);
  }
  const known = new Set(asked.map(({ requestId }) => requestId));
  for (const { id, kind, requestId } of recorded) if (requestId === null || !known.has(requestId)) found.push(`an operation nobody asked for: ${kind} ${id}`);
  return found;
}

/** The operations of each instance: numbered without a gap, ended once, one at a time. */
export function auditOrder(recorded: readonly RecordedOperation[]): string[] {
  const found: string[] = [];
  for (const [instanceId, operations] of Map.groupBy(recorded, (operation) => operation.instanceId)) {
    const ordered = operations.toSorted((a, b) => a.seq - b.seq);
    ordered.forEach((operation, index) => {
      if (operation.seq !== index + 1) found.push(`a gap in the operations of ${instanceId}: ${operation.seq} where ${index + 1} should be`);
    });
    const begun = ordered.filter(({ startedAt }) => startedAt !== null);
    begun.forEach((operation, index) => {
      const before = begun[index - 1];
      if (!before) return;
      if (before.finishedAt === null || operation.startedAt === null || before.finishedAt <= operation.startedAt) return;
      found.push(`two operations of ${instanceId} at once: ${before.kind} ${before.id} and ${operation.kind} ${operation.id}`);
    });
  }
  return found;
}

/** Phases in which an instance may rest after these operations, all of them ended; null = they do not say. */
export function restingPhases(operations: readonly RecordedOperation[]): readonly string[] | null {
  const last = operations.toSorted((a, b) => a.seq - b.seq).findLast(({ startedAt }) => startedAt !== null);
  if (last?.state !== 'succeeded') return null;
  switch (last.kind) {
    case 'create':
    case 'retry':
    case 'start':
    case 'restart':
      // Failed: the breaker opened after too many kills.
      return ['Running', 'Failed'];
    case 'stop':
    case 'kill':
      return ['Stopped'];
    case 'destroy':
      return ['Destroyed'];
    default:
      return null;
  }
}
