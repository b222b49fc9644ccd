import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { bookkeeping } from '../lib/proxies.ts';
import { type InstanceEvent, reduce } from './instance-machine.ts';
import { details, projection } from './projection.ts';
import type { InstanceState } from './state.ts';
import type { Timing } from './timing.ts';

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD' satisfies SearchAttributeType);
const PHASE = keyword('ClawPhase');
const GENERATION = defineSearchAttributeKey('ClawGeneration', 'INT' satisfies SearchAttributeType);

/** The one mutable cell of an instance workflow: its state, changed only by events, and how it is shown. */
export class Entity {
  readonly identity: { readonly tenantId: string; readonly instanceId: string };
  readonly timing: Timing;
  #state: InstanceState;
  #shownPhase = '';
  #shownDetails = '';

  constructor(identity: Entity['identity'], timing: Timing, state: InstanceState) {
    this.identity = { tenantId: identity.tenantId, instanceId: identity.instanceId };
    this.timing = timing;
    this.#state = state;
  }

  get state(): InstanceState {
    return this.#state;
  }

  /** The time of the workflow, the same on every replay. */
  now(): string {
    return new Date().toISOString();
  }

  apply(event: InstanceEvent): void {
    this.#state = reduce(this.#state, event);
    const text = details(this.#state);
    if (text === this.#shownDetails) return;
    this.#shownDetails = text;
    setCurrentDetails(text);
  }

  /** Writes the projections. Returns once the database has them, however long that takes. */
  async record(): Promise<void> {
    await bookkeeping.recordProgress(projection(this.identity, this.#state));
  }

  /** Search attributes, upserted only where the phase has come to rest, to save history. */
  label(clawType: string | null): void {
    const { phase, workload } = this.#state;
    if (phase === this.#shownPhase) return;
    this.#shownPhase = phase;
    const info = workflowInfo();
    const isFirst = info.typedSearchAttributes.get(PHASE) === undefined;
    upsertSearchAttributes([
      { key: PHASE, value: phase },
      { key: GENERATION, value: workload.generation },
      ...(isFirst
        ? [
            { key: keyword('ClawTenant'), value: this.identity.tenantId },
            { key: keyword('ClawInstance'), value: this.identity.instanceId },
          ]
        : []),
      ...(isFirst && clawType ? [{ key: keyword('ClawKind'), value: clawType }] : []),
    ]);
  }
}
