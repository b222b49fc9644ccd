import type pg from 'pg';
import type { ConfigLevel } from '../../workflows/contracts/config.ts';
import type { InstanceCommand, InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import type { Actor, RequestContext } from '../http/request-context.ts';

/** An instance as a rollout sees it. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly type: string;
  readonly phase: Phase;
  readonly spec: InstanceSpec;
}

/** What a rollout makes of an instance. `judged`: false for what brings back what was there, which nobody may forbid. */
export interface SpecChange {
  readonly kind: 'update' | 'start' | 'restart';
  readonly spec: InstanceSpec;
  readonly judged: boolean;
  readonly params: InstanceCommand['params'];
}

/** What rollouts need of instances and of the operations on them. */
export interface RolloutPorts {
  /** Throws what a change of this instance to this spec would be refused for, whatever it is doing now. */
  judge(sql: pg.ClientBase, candidate: Candidate, spec: InstanceSpec, kind: SpecChange['kind']): Promise<void>;
  /** Throws FORBIDDEN unless this person decides what holds for everybody at this level. */
  authorizeConfig(actor: Actor, level: ConfigLevel): void;
  /** Accepts the change like one that a person asks for. Answers the operation's id. Throws what that throws. */
  accept(sql: pg.PoolClient, context: RequestContext, instanceId: string, change: SpecChange): Promise<string>;
  /** Ends an operation that is under way; one that has ended meanwhile is none of its business. */
  cancel(instanceId: string, operationId: string, requestedBy: string): Promise<void>;
}
