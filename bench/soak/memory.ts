import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import { type Row, row } from '../lib/row.ts';
import { type Sample, trendOf } from './trend.ts';

/** Parts whose memory is watched. */
export const WATCHED = ['api', 'worker', 'bridge'] as const;
const EVERY_MS = 10_000;
/** Shorter lives say nothing about a slope. */
const TOLD_FROM_MINUTES = 2;
const MIB = 2 ** 20;

interface Life {
  readonly part: (typeof WATCHED)[number];
  readonly pid: number;
  /** Resident MiB. */
  readonly samples: Sample[];
}

/** Resident memory of each process of our own, one series for each of its lives. It is told and not judged: V8 takes what nothing presses it to leave. */
export interface MemoryWatch {
  stop(): void;
  /** What was seen. */
  rows(): Row[];
}

export function watchMemory({ platform }: Fleet): MemoryWatch {
  const lives: Life[] = [];
  const look = () => {
    for (const part of WATCHED) {
      const { pid } = platform.part(part);
      const value = pid === null ? null : residentMiB(pid);
      if (pid === null || value === null) continue;
      let life = lives.find((known) => known.part === part && known.pid === pid);
      if (!life) {
        life = { part, pid, samples: [] };
        lives.push(life);
      }
      life.samples.push({ at: Date.now(), value });
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => clearInterval(timer),
    rows: () =>
      WATCHED.flatMap((part) =>
        rowsOf(
          part,
          lives.filter((life) => life.part === part),
        ),
      ),
  };
}

function rowsOf(part: string, lives: readonly Life[]): Row[] {
  const told = lives.filter(({ samples }) => minutesOf(samples) >= TOLD_FROM_MINUTES);
  return [
    row(`${part}: processes seen`, lives.length, ''),
    ...told.flatMap((life) => lifeRows(`${part}, a life of ${Math.round(minutesOf(life.samples))} min`, life)),
  ];
}

function lifeRows(title: string, { samples }: Life): Row[] {
  const trend = trendOf(samples);
  if (!trend) return [];
  return [
    row(`${title}: resident at its end`, samples.at(-1)?.value ?? Number.NaN, 'MiB'),
    row(`${title}: resident, grown in ${Math.round(trend.minutes)} min after warm-up`, trend.to - trend.from, 'MiB'),
  ];
}

function minutesOf(samples: readonly Sample[]): number {
  return ((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)) / 60_000;
}

/** Resident memory of a process; null when it is gone or the system does not tell (no /proc). */
function residentMiB(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) / 1024;
  } catch {
    return null;
  }
}

/** What the platform keeps on disk, in MiB. */
export interface Disk {
  readonly database: number;
  readonly engine: number;
  readonly logs: number;
}

/** Looks now. */
export async function measureDisk({ platform, database }: Fleet): Promise<Disk> {
  const { rows } = await database.query<{ bytes: string }>("SELECT pg_database_size('clawloops') AS bytes");
  return {
    database: Number(rows[0]?.bytes ?? Number.NaN) / MIB,
    engine: folderBytes(join(platform.dataDir, 'temporal')) / MIB,
    logs: folderBytes(join(platform.dataDir, 'logs')) / MIB,
  };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);
}
