import type { WorkflowHandle } from '@temporalio/client';
import type { EntityWorld } from '../../testing/entity-world.ts';

/** Brings an instance, or what has this id, through one behaviour and answers the runs whose histories show it. */
export type Behaviour = (world: EntityWorld, id: string) => Promise<readonly { readonly handle: WorkflowHandle; readonly runId?: string }[]>;
