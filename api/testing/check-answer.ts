import { CONTRACTS } from '../contracts.ts';
import { problem } from '../http/common.schema.ts';
import type { RouteContract } from '../http/contract.ts';
import { document } from '../openapi.ts';

/** operationIds whose answers were held against the document, with the statuses seen. */
export const seen = new Map<string, Set<number>>();

/** Ids of the requests that changed something, by the operationId of their route. */
export const changed = new Map<string, string[]>();

export function contractOf(method: string, target: string): RouteContract | undefined {
  const path = target.split('?', 1)[0] ?? '';
  const matches = CONTRACTS.filter((route) => route.method === method.toLowerCase() && new RegExp(`^${route.path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path));
  // A literal segment wins over a parameter.
  return matches.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** Throws when an answer is not one that the OpenAPI document names for its route. */
export function checkAnswer(method: string, target: string, answer: { readonly status: number; readonly headers: Headers; readonly body: unknown }): void {
  if (!answer.headers.get('x-request-id')) throw new Error(`${method} ${target} answered without X-Request-Id`);
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status >= 400) {
    if (!type.startsWith('application/problem+json'))
      throw new Error(`${method} ${target} answered ${answer.status} as ${type}: ${JSON.stringify(answer.body)}`);
    const { status, requestId } = problem.parse(answer.body);
    if (status !== answer.status || requestId !== answer.headers.get('x-request-id')) throw new Error('the problem contradicts its own answer');
  }
  const route = contractOf(method, target);
  if (!route) return;
  seen.set(route.id, (seen.get(route.id) ?? new Set()).add(answer.status));
  if (route.method !== 'get' && answer.status < 300 && !answer.headers.get('idempotency-replayed') && !/[?&]dryRun=true/.test(target))
    changed.set(route.id, [...(changed.get(route.id) ?? []), answer.headers.get('x-request-id') ?? '']);
  const operation = (document.paths as Record<string, Record<string, { responses: Record<string, unknown> }>>)[route.path]?.[route.method];
  if (!operation?.responses[String(answer.status)])
    throw new Error(`${route.id} answered ${answer.status}, which the document does not name: ${JSON.stringify(answer.body)}`);
  const schema = route.answers[answer.status]?.schema;
  if (!schema) return;
  const result = schema.safeParse(answer.body);
  if (!result.success) throw new Error(`${route.id} answered what its schema forbids: ${result.error.message}\n${JSON.stringify(answer.body)}`);
}
