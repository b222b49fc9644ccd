import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../../prisma/migrate.ts';
import { generatePrismaClient } from '../build/artifacts.ts';
import { type Platform, repositoryRoot } from '../platform.ts';
import { removeAbandonedPlatforms } from './abandoned.ts';
import { startThrowAwayPlatform } from './throw-away-platform.ts';

/** What the real services of a test run are reached by; provided to every test file of the suites that need them. */
export interface TestServices {
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly systemUrl: string;
  readonly temporalAddress: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    services: TestServices;
  }
}

/** Database that is migrated once and copied for every test file. */
export const templateDatabase = 'clawloops_template';

/** Puts another database name into a connection string. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function createTemplate(platform: Platform): Promise<void> {
  const { superuser, owner } = platform.databaseUrls;
  const client = new pg.Client({ connectionString: superuser });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateDatabase} OWNER clawloops_owner`);
  await client.end();
  await migrate({ ownerUrl: withDatabase(owner, templateDatabase) });
}

/** vitest global set-up: starts PostgreSQL and Temporal on throw-away data for the whole run, and removes them after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedPlatforms();
  const [{ platform, remove }] = await Promise.all([
    startThrowAwayPlatform({ parts: ['postgres', 'temporal'], env: { CLAWLOOPS_THROWAWAY_DATA: '1' } }),
    generatePrismaClient(repositoryRoot),
  ]);
  await createTemplate(platform);
  const { superuser, owner, app, system } = platform.databaseUrls;
  project.provide('services', { superuserUrl: superuser, ownerUrl: owner, appUrl: app, systemUrl: system, temporalAddress: platform.temporalAddress });
  return remove;
}
