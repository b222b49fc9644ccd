import type { LogLevel, LogPart } from '../../workflows/contracts/log-level.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printOne } from '../lib/output.ts';
import { span } from '../lib/text.ts';

interface Options {
  readonly output: OutputFormat;
  /** Seconds. */
  readonly for: number;
}

/** `claw log-level PART LEVEL`: it ends by itself, so that nobody has to think of it. */
export async function setLogLevel(context: Context, [part, level]: readonly string[], { output, for: forSeconds }: Options): Promise<void> {
  const { io } = context;
  const { api } = await openSession(context);
  const body = { part: part as LogPart, level: level as LogLevel | 'default', forSeconds: Math.round(forSeconds) };
  const { items } = await take(api.PUT('/system/log-level', { body }));
  const order = items.find((one) => one.part === part);
  const until = order && span((Date.parse(order.until) - io.now().getTime()) / 1000);
  const said = order ? `${part} logs at ${order.level} for ${until}, then as configured.\n` : `${part} logs as configured.\n`;
  await printOne(io, output, items, order?.level ?? 'default', said);
}
