import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', 'prisma/generated/**'];
const services = ['./deploy/local/testing/services.ts'];
/** Without it the solution file is read, and with it the portal's settings. */
const tsconfig = './tsconfig.base.json';
/** Long enough for a machine that does much else: a test is judged by what happens, not by how fast. */
const minute = 60_000;
/** What is waited for comes when it comes; vitest's own second would be a judgement of speed. */
const patience = { poll: { timeout: minute } };

/** Suites: a file's suffix or folder says to which it belongs. Each is a vitest project of that name. */
export default defineConfig({
  tsconfig,
  test: {
    // Two cores are the machine we promise to run on; more files at once only make each slower.
    maxWorkers: 2,
    pool: 'forks',
    projects: [
      {
        tsconfig,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.it.test.ts', '**/*.driver.test.ts', 'frontend/e2e/**', 'deploy/local/faults/**'],
          expect: patience,
          testTimeout: minute,
          hookTimeout: minute,
        },
      },
      {
        tsconfig,
        test: {
          name: 'integration',
          include: ['**/*.it.test.ts'],
          exclude: everywhere,
          globalSetup: services,
          expect: patience,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
      {
        tsconfig,
        test: {
          name: 'drivers',
          include: ['**/*.driver.test.ts'],
          exclude: everywhere,
          globalSetup: services,
          expect: patience,
          testTimeout: 5 * minute,
          hookTimeout: 10 * minute,
          fileParallelism: false,
        },
      },
      {
        tsconfig,
        test: {
          name: 'journey',
          include: ['frontend/e2e/**/*.test.ts'],
          exclude: everywhere,
          expect: patience,
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
          fileParallelism: false,
        },
      },
      {
        tsconfig,
        test: {
          name: 'faults',
          include: ['deploy/local/faults/**/*.test.ts'],
          exclude: everywhere,
          expect: patience,
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
          fileParallelism: false,
        },
      },
    ],
  },
});
