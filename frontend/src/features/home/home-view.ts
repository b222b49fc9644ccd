import type { InstanceView, Phase } from '../../../../workflows/contracts/instance.ts';
import type { OperationView } from '../../../../workflows/contracts/operation.ts';
import type { Tone } from '../instances/status-view.ts';
import { CHANGING_PHASES } from '../instances/status-view.ts';

/** One number of the fleet line; `filter` is the phase filter of the list it links to. */
export interface FleetPart {
  readonly key: 'running' | 'changing' | 'failed' | 'stopped';
  readonly count: number;
  readonly tone: Tone;
  readonly filter: string;
}

/** The fleet in four numbers. Destroyed claws are history and not counted. */
export function fleetParts(byPhase: Readonly<Record<string, number>>): { readonly total: number; readonly parts: readonly FleetPart[] } {
  const count = (phases: readonly Phase[]): number => phases.reduce((sum, phase) => sum + (byPhase[phase] ?? 0), 0);
  const parts: readonly FleetPart[] = [
    { key: 'running', count: count(['Running']), tone: 'success', filter: 'Running' },
    { key: 'changing', count: count(CHANGING_PHASES), tone: 'info', filter: 'changing' },
    { key: 'failed', count: count(['Failed']), tone: 'error', filter: 'Failed' },
    { key: 'stopped', count: count(['Stopped']), tone: 'neutral', filter: 'Stopped' },
  ];
  return { total: parts.reduce((sum, part) => sum + part.count, 0), parts };
}

/** Something that waits for a person: a claw that failed, or an operation that cannot go on by itself for now. */
export type NeedsYou = { readonly kind: 'instance'; readonly instance: InstanceView } | { readonly kind: 'operation'; readonly operation: OperationView };

/** What needs somebody, operations that retry first; a claw whose operation is listed already is not listed twice. */
export function needsYou(failed: readonly InstanceView[], running: readonly OperationView[]): readonly NeedsYou[] {
  const waiting = running.filter((operation) => operation.state === 'retrying');
  const covered = new Set(waiting.map((operation) => operation.target.id));
  return [
    ...waiting.map((operation): NeedsYou => ({ kind: 'operation', operation })),
    ...failed.filter((instance) => !covered.has(instance.id)).map((instance): NeedsYou => ({ kind: 'instance', instance })),
  ];
}

/** Steps of somebody's first minutes; a done one stays visible, ticked off. */
export interface FirstStep {
  readonly key: 'create' | 'chat' | 'provider' | 'key' | 'invite';
  readonly done: boolean;
}

export function firstSteps(facts: {
  readonly instances: number;
  readonly requests: number;
  readonly providers: number;
  readonly apiKeys: number;
  /** Members and pending invitations together; null for somebody who may not invite. */
  readonly people: number | null;
}): readonly FirstStep[] {
  return [
    { key: 'create', done: facts.instances > 0 },
    { key: 'chat', done: facts.requests > 0 },
    { key: 'provider', done: facts.providers > 0 },
    { key: 'key', done: facts.apiKeys > 0 },
    ...(facts.people === null ? [] : [{ key: 'invite' as const, done: facts.people > 1 }]),
  ];
}
