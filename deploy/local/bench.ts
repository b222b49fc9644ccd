import { generatePrismaClient } from './build/artifacts.ts';
import { repositoryRoot } from './platform.ts';

// In a fresh clone the database client is not there yet, and whatever imports it is loaded only after this.
await generatePrismaClient(repositoryRoot);
await import('../../bench/main.ts');
