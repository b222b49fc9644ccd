import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { InstanceMessage } from '../../workflows/contracts/instance.ts';
import type { InstanceEntityView } from '../../workflows/instance/state.ts';
import type { World } from './world.ts';

interface Projection {
  readonly id: string;
  readonly name: string;
  readonly phase: string;
  readonly operationSeq: number;
  readonly generation: number | null;
  readonly desired: string | null;
}

const PROJECTIONS = `SELECT i.id, i.name, i.intent_phase AS phase, i.operation_seq AS "operationSeq", w.generation, w.desired
  FROM instance i LEFT JOIN workload w ON w.instance_id = i.id ORDER BY i.id`;
const AT_ONCE = 5;
const DEADLINE_MS = 20_000;

/** What the workflow of each instance says of itself against what the database shows; of a destroyed one, that it has ended well. */
export async function checkEngine(world: World): Promise<string[]> {
  const { rows } = await world.fleet.database.query<Projection>(PROJECTIONS);
  const found: string[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const some = await Promise.all(rows.slice(at, at + AT_ONCE).map((row) => (row.phase === 'Destroyed' ? checkEnded(world, row) : checkLiving(world, row))));
    found.push(...some.flat());
  }
  return found;
}

async function checkLiving({ temporal }: World, row: Projection): Promise<string[]> {
  const handle = temporal.workflow.getHandle(instanceWorkflowId(row.id));
  const view = await temporal.withDeadline(Date.now() + DEADLINE_MS, () => handle.query<InstanceEntityView>(InstanceMessage.view));
  const name = `${row.name} ${row.id}`;
  const { wanted, generation } = view.workload;
  // What a lost worker told the host is in no history, so the record may be ahead; never behind.
  const isBehind = row.generation !== null && row.generation < generation;
  return [
    ...(view.phase === row.phase ? [] : [`the workflow says ${view.phase}, the record ${row.phase}: ${name}`]),
    ...(view.operation === null ? [] : [`the workflow still works on ${view.operation.kind} ${view.operation.id}: ${name}`]),
    ...(view.queued.length === 0 ? [] : [`${view.queued.length} commands still wait in the workflow: ${name}`]),
    ...(view.highestSeq === row.operationSeq ? [] : [`the workflow has heard ${view.highestSeq} of ${row.operationSeq} commands: ${name}`]),
    ...((wanted === 'running') === (row.desired === 'running') ? [] : [`the workflow wants it ${wanted}, the host was told ${row.desired}: ${name}`]),
    ...(isBehind ? [`the workflow is at generation ${generation}, the record at ${row.generation}: ${name}`] : []),
  ];
}

async function checkEnded({ temporal }: World, row: Projection): Promise<string[]> {
  const { status } = await temporal.withDeadline(Date.now() + DEADLINE_MS, () => temporal.workflow.getHandle(instanceWorkflowId(row.id)).describe());
  return status.name === 'COMPLETED' ? [] : [`the workflow of a destroyed instance is ${status.name}: ${row.name} ${row.id}`];
}
