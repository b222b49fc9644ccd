import { inTime } from '../../activities/platform/in-time.ts';
import { FAILURES, isFailure } from '../../workflows/contracts/failures.ts';
import type { ComponentHealth, HealthStatus } from './system.schema.ts';

/** What a check found out; throwing means down. */
export interface Finding {
  readonly status?: HealthStatus;
  readonly version?: string;
  readonly latencyMs?: number;
  readonly message?: string;
  readonly nextStep?: string;
}

export interface HealthCheck {
  readonly name: string;
  /** What to do when the check throws something that does not say so itself. */
  readonly nextStep: string;
  /** Down makes the platform down; else only degraded. */
  readonly vital?: boolean;
  readonly check: () => Promise<Finding>;
}

const CHECK_MS = 4000;

/** Runs every check at once; none may hold the others up. */
export async function runChecks(checks: readonly HealthCheck[]): Promise<{ status: HealthStatus; components: ComponentHealth[] }> {
  const components = await Promise.all(checks.map(runCheck));
  return { status: overall(checks, components), components };
}

function overall(checks: readonly HealthCheck[], components: readonly ComponentHealth[]): HealthStatus {
  const vital = new Set(checks.filter((check) => check.vital).map((check) => check.name));
  if (components.some(({ name, status }) => status === 'down' && vital.has(name))) return 'down';
  return components.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}

async function runCheck({ name, nextStep, check }: HealthCheck): Promise<ComponentHealth> {
  const started = performance.now();
  try {
    const finding = await inTime(check(), CHECK_MS, () => new Error('late'));
    return { name, status: 'ok', latencyMs: Math.round(performance.now() - started), ...finding };
  } catch (error) {
    const message = isFailure(error) ? error.message : 'It does not answer.';
    const advice = isFailure(error) && error.nextStep !== FAILURES.INTERNAL.nextStep ? error.nextStep : nextStep;
    return { name, status: 'down', message, nextStep: advice };
  }
}
