import { portalPart, prismaClientPart, workflowBundlePart } from './build-steps.ts';
import { migratePart, seedPart } from './database-steps.ts';
import { litellmPart } from './litellm.ts';
import { apiPart, bridgePart, egressPart, workerPart } from './our-processes.ts';
import type { Part } from './part.ts';
import { postgresPart } from './postgres.ts';
import { seaweedfsPart } from './seaweedfs.ts';
import { temporalPart } from './temporal.ts';

/** Every part, slowest to start first: the order in which the steps without needs are begun. */
export const allParts: readonly Part[] = [
  egressPart,
  litellmPart,
  postgresPart,
  temporalPart,
  seaweedfsPart,
  prismaClientPart,
  workflowBundlePart,
  portalPart,
  migratePart,
  seedPart,
  apiPart,
  workerPart,
  bridgePart,
];
