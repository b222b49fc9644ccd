import type { Middleware } from 'openapi-fetch';
import createClient from 'openapi-fetch';
import { ApiProblem, problemFrom } from './problem.ts';
import { randomKey } from './random-key.ts';
import type { components, paths } from './schema.d.ts';
import { chosenTenant } from './tenant-choice.ts';

/** Shapes of the API by the names of its OpenAPI document. */
export type Schemas = components['schemas'];

const headers: Middleware = {
  onRequest({ request }) {
    if (request.method === 'POST' && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', randomKey());
    const tenant = chosenTenant();
    if (tenant !== null) request.headers.set('x-tenant', tenant);
    return request;
  },
  onError({ error }) {
    return new ApiProblem(0, { detail: error instanceof Error ? error.message : String(error) });
  },
};

/** The typed client of `/api/v1`; the session cookie travels by itself. */
export const api = createClient<paths>({ baseUrl: '/api/v1' });
api.use(headers);

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of an answer. Throws ApiProblem when the answer is not 2xx. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemFrom(response, error);
  return data as NonNullable<T>;
}

/** For answers without a body. Throws ApiProblem when the answer is not 2xx. */
export async function settle(call: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw problemFrom(response, error);
}
