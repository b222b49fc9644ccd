import type { Io } from './io.ts';
import { paintFor } from './style.ts';
import { oneLine } from './text.ts';

/** Exit codes of `claw`; scripts may rely on them (docs/cli.md). */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  timeout: 5,
  conflict: 6,
  unreachable: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface CliErrorDetails {
  readonly code?: string;
  /** HTTP status of the answer, when there was one. */
  readonly status?: number;
  readonly nextStep?: string | undefined;
  readonly requestId?: string | undefined;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A failure as a person reads it: a sentence, a code, what to do next, the request id. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly details: CliErrorDetails;

  constructor(exitCode: ExitCode, message: string, details: CliErrorDetails = {}) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** Whether the platform was only away or busy, so that looking again later can help. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof CliError)) return false;
  return error.exitCode === ExitCode.unreachable || error.exitCode === ExitCode.timeout || (error.details.status ?? 0) >= 500;
}

/** The command line itself is wrong. */
export function usageError(message: string, nextStep?: string): CliError {
  return new CliError(ExitCode.usage, message, { code: 'USAGE', nextStep });
}

/** The parts of a problem document (RFC 9457) that are shown. */
export interface Problem {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string | undefined;
  readonly code?: string;
  readonly requestId?: string;
  readonly nextStep?: string | undefined;
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
}

function exitCodeOf(status: number, code: string | undefined): ExitCode {
  if (code === 'TIMEOUT' || status === 504) return ExitCode.timeout;
  if (status === 401 || status === 403) return ExitCode.notAllowed;
  if (status === 404) return ExitCode.notFound;
  if (status === 409 || status === 412) return ExitCode.conflict;
  if (status === 400 || status === 413 || status === 422) return ExitCode.usage;
  return ExitCode.failed;
}

/** The error of an answer of the API; anything that is not a problem document is described by its status alone. */
export function problemError(status: number, body: unknown, requestId?: string | null, hint?: string): CliError {
  const problem: Problem = typeof body === 'object' && body !== null ? body : {};
  const message = problem.detail ?? problem.title ?? `The platform answered with status ${status}.`;
  const nextStep = hint ?? (status === 401 ? 'Sign in: claw login --url URL --email YOU' : problem.nextStep);
  return new CliError(exitCodeOf(status, problem.code), message, {
    code: problem.code ?? `HTTP_${status}`,
    status,
    nextStep,
    requestId: problem.requestId ?? requestId ?? undefined,
    ...(problem.errors ? { errors: problem.errors } : {}),
  });
}

/** The text of an error for standard error, ending with a line break. */
export function formatError(error: CliError, io: Pick<Io, 'stderr' | 'env'>): string {
  const paint = paintFor(io.stderr, io.env);
  const { code, nextStep, requestId, errors } = error.details;
  const lines = [`${paint('red', 'claw:')} ${oneLine(error.message)}${code ? paint('dim', ` (${code})`) : ''}`];
  for (const field of errors ?? []) lines.push(`  ${oneLine(field.path) || '/'}: ${oneLine(field.message)}`);
  if (nextStep) lines.push(`  Next: ${oneLine(nextStep)}`);
  if (requestId) lines.push(paint('dim', `  Request: ${oneLine(requestId)}`));
  return `${lines.join('\n')}\n`;
}
