/**
 * Records the golden histories again: `node workflows/replay/testing/record.ts [behaviour …]` with TEMPORAL_ADDRESS naming a server.
 * Until the first release they may be; afterwards a changed workflow is patched and its old histories stay.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { entityWorld } from '../../testing/entity-world.ts';
import { historyAtRest } from '../../testing/history-at-rest.ts';
import { behaviours } from './behaviours.ts';
import { writeGolden } from './golden.ts';
import { goldenKeyRing } from './golden-key.ts';

const folder = new URL('../histories/', import.meta.url);
const [, , ...wanted] = process.argv;
const names = wanted.length > 0 ? wanted : Object.keys(behaviours);
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const world = await entityWorld({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233', keyRing: goldenKeyRing });
for (const name of names) {
  const behaviour = behaviours[name];
  if (!behaviour) throw new Error(`there is no behaviour ${name}`);
  const runs = await behaviour(world, `ins_${name}`);
  for (const [index, { handle, runId }] of runs.entries()) {
    const history = await historyAtRest(world.client.workflow.getHandle(handle.workflowId, runId));
    const file = `${name}${runs.length > 1 ? `.${index + 1}` : ''}.json`;
    writeGolden(file, handle.workflowId, history);
    console.log(file, history.events?.length, 'events');
  }
}
await world.close();
process.exit(0);
