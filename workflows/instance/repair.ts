import { FAILURES } from '../contracts/failures.ts';
import { bookkeeping } from '../lib/proxies.ts';
import { decideRepair } from './circuit.ts';
import type { Entity } from './entity.ts';

/** Acts on the oldest fact that arrived while nothing ran: repairs a lost workload, settles a phase, or opens the circuit. */
export async function repairFromFact(entity: Entity): Promise<void> {
  const [fact] = entity.state.facts;
  if (fact === undefined) return;
  const decision = decideRepair(entity.state, fact, Date.now());
  entity.apply({ type: 'fact-judged', decision });
  switch (decision.repair) {
    case 'none':
      return;
    case 'reapply':
      await bookkeeping.repeatWorkload(entity.identity);
      return;
    case 'settle-running':
      return settle(entity, 'Running');
    case 'settle-stopped':
      return settle(entity, 'Stopped');
    case 'open-circuit':
      return openCircuit(entity);
  }
}

async function settle(entity: Entity, phase: 'Running' | 'Stopped'): Promise<void> {
  entity.apply({ type: 'phase-settled', phase, reason: null, message: null });
  await entity.record();
  entity.label(null);
}

/** Stops a claw that will not stay up; only a person starts it again. */
async function openCircuit(entity: Entity): Promise<void> {
  const generation = await bookkeeping.nextGeneration(entity.identity);
  await bookkeeping.stopWorkload({ ...entity.identity, generation });
  entity.apply({ type: 'workload-told', generation, wanted: 'stopped', applied: null });
  entity.apply({ type: 'phase-settled', phase: 'Failed', reason: 'CRASH_LOOP', message: FAILURES.CRASH_LOOP.title });
  await entity.record();
  entity.label(null);
}
