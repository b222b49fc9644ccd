import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { quantityBytes } from '../../workflows/contracts/quantities.ts';
import type { Amounts } from './spec.ts';

/** Conditions that `reserve_host_slot` raises. */
const INSUFFICIENT = '53000';
const NOT_READY = '55000';

/** Reserves a slot in the caller's transaction, or changes the amounts of the one there is. Throws CAPACITY_EXCEEDED or HOST_OFFLINE. */
export async function reserveSlot(sql: pg.ClientBase, hostId: string, tenantId: string, instanceId: string, amounts: Amounts, base = ''): Promise<void> {
  try {
    await sql.query('SELECT reserve_host_slot($1, $2, $3, $4, $5)', [hostId, instanceId, tenantId, amounts.cpuMillis, amounts.memoryBytes]);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === INSUFFICIENT) throw capacityFailure(message, base);
    if (code === NOT_READY)
      throw new Failure('HOST_OFFLINE', 'The host has never been online.', {
        errors: [{ path: `${base}/placement/hostId`, message: 'is a host that has never been online' }],
      });
    throw error;
  }
}

function capacityFailure(raised: string, base: string): Failure {
  const bytes = /has (\d+) bytes of memory free/.exec(raised)?.[1];
  if (bytes !== undefined) return exceeded(`The host has ${formatMebibytes(Number(bytes))} of memory left.`, `${base}/resources/memory`);
  const cpus = /has (\d+) CPUs/.exec(raised)?.[1];
  if (cpus !== undefined) return exceeded(`The host has ${cpus} CPUs.`, `${base}/resources/cpu`);
  if (raised.includes('serves another tenant'))
    return exceeded('The host cannot separate claws from one another and serves another tenant already.', `${base}/placement/hostId`);
  return exceeded('The host takes no more claws.', `${base}/placement/hostId`);
}

function exceeded(sentence: string, path: string): Failure {
  return new Failure('CAPACITY_EXCEEDED', sentence, { errors: [{ path, message: sentence }] });
}

/** `"512Mi"`; never more than there is. */
export function formatMebibytes(bytes: number): string {
  return `${Math.max(0, Math.floor(bytes / (quantityBytes('1Mi') ?? 1)))}Mi`;
}
