import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printOne } from '../lib/output.ts';
import { formatTrace } from '../views/trace.ts';

/** `claw find ID`: what an id from a log, an error or a page belongs to. */
export async function find(context: Context, [id = '']: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const trace = await take(api.GET('/system/trace', { params: { query: { id } } }));
  await printOne(context.io, output, trace, trace.operationIds[0] ?? trace.instanceId ?? trace.id, formatTrace(trace));
}
