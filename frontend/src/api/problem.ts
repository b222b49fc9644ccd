import type { FieldError } from '../../../workflows/contracts/failures.ts';

/** The parts of an RFC 9457 document that the portal shows; everything may be missing when a proxy answered instead of the API. */
interface ProblemDocument {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
  readonly nextStep?: string;
}

/** Code of a request that got no answer at all. */
export const NETWORK_CODE = 'NETWORK';

/** A request that failed. `status` 0 means that no answer came; `requestId` is what an operator needs to find it in the logs. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly nextStep: string | null;
  readonly errors: readonly FieldError[];

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = document.code ?? (status === 0 ? NETWORK_CODE : `HTTP_${status}`);
    this.requestId = document.requestId ?? null;
    this.nextStep = document.nextStep ?? null;
    this.errors = document.errors ?? [];
  }
}

/** The problem of an answer that is not 2xx; `body` is whatever the client could parse. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  const document: ProblemDocument = typeof body === 'object' && body !== null ? body : {};
  const requestId = document.requestId ?? response.headers.get('x-request-id') ?? undefined;
  return new ApiProblem(response.status, { ...document, requestId });
}

/** Whatever was thrown, as a problem, so that every error state can show the same four things. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, { detail: error instanceof Error ? error.message : String(error) });
}

/** Whether asking again without changing anything can help. */
export function isTransient(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status === 502 || status === 503 || status === 504;
}
