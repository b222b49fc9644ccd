import { inTime } from '../../activities/platform/in-time.ts';
import { FAILURES, isFailure } from '../../workflows/contracts/failures.ts';
import type { ComponentHealth, HealthFact, HealthStatus } from './system.schema.ts';

/** What a check found out; throwing means down. */
export interface Finding {
  readonly status?: HealthStatus;
  readonly version?: string;
  readonly latencyMs?: number;
  readonly since?: Date | null;
  readonly facts?: readonly HealthFact[];
  readonly message?: string;
  readonly nextStep?: string;
  readonly command?: string;
}

export interface HealthCheck {
  readonly name: string;
  /** What to do when the check throws something that does not say so itself. */
  readonly nextStep: string;
  /** The command that mends it when the check throws. */
  readonly command: string;
  /** Down makes the platform down; else only degraded. */
  readonly vital?: boolean;
  readonly check: () => Promise<Finding>;
}

const CHECK_MS = 4000;

/** A fact that counts; null and undefined are no fact. */
export function fact(name: string, value: number | string | null | undefined, unit: HealthFact['unit'] = 'count', of?: string): HealthFact[] {
  return value === null || value === undefined ? [] : [{ name, value, unit, ...(of === undefined ? {} : { of }) }];
}

/** Runs every check at once; none may hold the others up. */
export function runChecks(checks: readonly HealthCheck[]): Promise<ComponentHealth[]> {
  return Promise.all(checks.map(runCheck));
}

/** The platform is down when something vital is, degraded when anything is not well. */
export function overall(vital: ReadonlySet<string>, components: readonly ComponentHealth[]): HealthStatus {
  if (components.some(({ name, status }) => status === 'down' && vital.has(name))) return 'down';
  return components.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}

/** A component as it is shown. */
export function present(name: string, { since, facts = [], status = 'ok', ...finding }: Finding): ComponentHealth {
  return { name, status, facts: [...facts], ...finding, ...(since ? { since: since.toISOString() } : {}) };
}

async function runCheck({ name, nextStep, command, check }: HealthCheck): Promise<ComponentHealth> {
  const started = performance.now();
  try {
    const finding = await inTime(check(), CHECK_MS, () => new Error('late'));
    return present(name, { latencyMs: Math.round(performance.now() - started), ...finding });
  } catch (error) {
    const message = isFailure(error) ? error.message : 'It does not answer.';
    const advice = isFailure(error) && error.nextStep !== FAILURES.INTERNAL.nextStep ? error.nextStep : nextStep;
    return present(name, { status: 'down', message, nextStep: advice, command });
  }
}
