import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts';

const DAY_SECONDS = 24 * 3600;
const PATIENCE_MS = 60_000;
const ATTRIBUTE_TYPES = { Keyword: 2, Int: 3 } as const;

/** A namespace of its own on a Temporal server, so that suites do not take tasks from each other's queues. */
export async function testNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: DAY_SECONDS as never } });
    const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, ATTRIBUTE_TYPES[type]]));
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
        return namespace;
      } catch (error) {
        // Every part of the server learns of a new namespace by itself, within seconds.
        if (performance.now() > until) throw error;
        await sleep(100);
      }
    }
  } finally {
    await connection.close();
  }
}
