import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { FAILURES, type FailureCode } from '../../workflows/contracts/failures.ts';
import { problem } from './common.schema.ts';
import type { RouteContract } from './contract.ts';

/** Where the routes of the document are mounted. */
export const API_BASE = '/api/v1';

const DESCRIPTION = `Sign in with a session cookie (\`POST /api/auth/sign-in/email\`) or send \`Authorization: Bearer clp_…\`.
Errors are problem documents (RFC 9457). Lists are paged by \`cursor\`. A POST takes \`Idempotency-Key\`; a PUT needs \`If-Match\`.
Whoever belongs to several tenants names one in \`X-Tenant\`.
What takes time answers 202 with the operation; \`?wait=30s\` holds the answer until it ended.`;

/** The OpenAPI 3.1 document of these contracts. */
export function openApiDocument(contracts: readonly RouteContract[], version: string) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of contracts) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'ClawLoops', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: API_BASE }],
    security: [{ apiKey: [] }, { session: [] }],
    paths: paths as ZodOpenApiPathsObject,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'clp_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'clawloops.session_token' },
      },
    },
  });
}

function operationOf(route: RouteContract): ZodOpenApiOperationObject {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    ...(route.auth === 'none' ? { security: [] } : {}),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...headersOf(route),
    },
    ...(route.body
      ? { requestBody: { required: !route.body.safeParse({}).success, content: contentOf(['application/json', ...(route.bodyTypes ?? [])], route.body) } }
      : {}),
    responses: responsesOf(route),
  };
}

function headersOf(route: RouteContract): { header?: z.ZodObject } {
  const headers: Record<string, z.ZodType> = {};
  if (route.method === 'post')
    headers['Idempotency-Key'] = z.string().optional().meta({ description: 'The same key with the same body answers what the first request got' });
  if (route.ifMatch) headers['If-Match'] = z.string().meta({ description: 'The ETag the change is based on, `"<generation>"`' });
  return Object.keys(headers).length > 0 ? { header: z.object(headers) } : {};
}

function contentOf(types: readonly string[], schema: z.ZodType): Record<string, { schema: z.ZodType }> {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function responsesOf(route: RouteContract): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, answer] of Object.entries(route.answers)) {
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: answer.description,
      ...(answer.headers
        ? {
            headers: Object.fromEntries(
              Object.entries(answer.headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
            ),
          }
        : {}),
      ...(answer.schema ? { content: contentOf([answer.contentType ?? 'application/json'].flat(), answer.schema) } : {}),
    };
  }
  for (const [status, codes] of failuresByStatus(route)) {
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = { description: codes.join(', '), content: { 'application/problem+json': { schema: problem } } };
  }
  return responses;
}

/** Failures that any route of this form can answer, besides those it names. */
function failuresByStatus(route: RouteContract): Map<string, FailureCode[]> {
  const codes = new Set<FailureCode>(route.failures ?? []);
  // NOT_FOUND also for an `X-Tenant` that is not the caller's; VALIDATION_FAILED also for parameters that a route does not know.
  if (route.auth !== 'none') for (const code of ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'] as const) codes.add(code);
  codes.add('VALIDATION_FAILED');
  if (route.body || route.method === 'post' || route.upgrade) codes.add('MALFORMED_REQUEST');
  if (route.body || route.method === 'post') codes.add('PAYLOAD_TOO_LARGE');
  if (route.method === 'post') codes.add('IDEMPOTENCY_MISMATCH');
  codes.add('RATE_LIMITED');
  codes.add('DATABASE_UNAVAILABLE');
  codes.add('INTERNAL');
  const byStatus = new Map<string, FailureCode[]>();
  for (const code of codes) {
    const status = String(FAILURES[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
