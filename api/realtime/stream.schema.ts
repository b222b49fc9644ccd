import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'instances';
const instanceParams = z.strictObject({ id: idOf(IdPrefix.instance) });

const logLine = z.strictObject({ at: z.string().nullable(), stream: z.string(), text: z.string() }).meta({ id: 'LogLine' });
const tail = z.coerce.number().int().min(1).max(5000).default(200);

/** How many lines come first. */
export const logStreamQuery = z.strictObject({ tail });

/** How many seconds before now come first. */
export const metricStreamQuery = z.strictObject({ past: z.coerce.number().int().min(0).max(3600).default(600) });

/** Where a chat goes on after a lost connection. */
export const chatStreamQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  session: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional(),
});

export const getInstanceLogs = contract({
  id: 'getInstanceLogs',
  method: 'get',
  path: '/instances/{id}/logs',
  tag,
  summary: 'The last log lines',
  params: instanceParams,
  query: z.strictObject({ tail }),
  answers: { 200: { description: 'Lines, oldest first', schema: z.strictObject({ lines: z.array(logLine) }).meta({ id: 'Logs' }) } },
  failures: ['NOT_FOUND', 'HOST_OFFLINE', 'RUNTIME_UNREACHABLE'],
});

export const streamInstanceLogs = contract({
  id: 'streamInstanceLogs',
  method: 'get',
  path: '/instances/{id}/logs/stream',
  tag,
  upgrade: true,
  summary: 'WebSocket: log lines as they are written',
  description: 'JSON lines out: `{seq, type: "line", at, stream, text}`, at a fault `{seq, type: "error", error}`.',
  params: instanceParams,
  query: logStreamQuery,
  answers: { 101: { description: 'The WebSocket' } },
  failures: ['NOT_FOUND'],
});

export const streamInstanceChat = contract({
  id: 'streamInstanceChat',
  method: 'get',
  path: '/instances/{id}/stream',
  tag,
  upgrade: true,
  summary: 'WebSocket: chat with the claw',
  description:
    'JSON lines in: `{type: "message", text, session}` and `{type: "stop"}`. Out: `{seq, type: "delta" | "tool" | "error" | "done", …}`. ' +
    'After a lost connection the same session continues with `?session=<session>&after=<seq>`.',
  params: instanceParams,
  query: chatStreamQuery,
  answers: { 101: { description: 'The WebSocket' } },
  failures: ['NOT_FOUND'],
});

export const streamInstanceMetrics = contract({
  id: 'streamInstanceMetrics',
  method: 'get',
  path: '/instances/{id}/metrics/stream',
  tag: 'metrics',
  upgrade: true,
  summary: 'WebSocket: what the claw uses, as it is measured',
  description:
    'JSON lines out, the last minutes first: `{seq, type: "sample", at, cpuMillicores, memoryBytes, processes, restarts}`, ' +
    'at a fault `{seq, type: "error", error}`.',
  params: instanceParams,
  query: metricStreamQuery,
  answers: { 101: { description: 'The WebSocket' } },
  failures: ['NOT_FOUND'],
});

export const streamContracts = [getInstanceLogs, streamInstanceLogs, streamInstanceChat, streamInstanceMetrics];
