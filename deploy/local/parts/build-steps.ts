import { buildPortal, buildWorkflowBundle, generatePrismaClient } from '../build/artifacts.ts';
import type { TaskPart } from './part.ts';

/** Generates the database client from the schema. */
export const prismaClientPart: TaskPart = {
  kind: 'task',
  name: 'prisma-client',
  title: 'Database client',
  needs: [],
  run: (context) => generatePrismaClient(context.root),
};

/** Bundles the workflows for the worker. */
export const workflowBundlePart: TaskPart = {
  kind: 'task',
  name: 'workflow-bundle',
  title: 'Workflow bundle',
  needs: [],
  async run(context) {
    context.outputs.workflowBundle = await buildWorkflowBundle(context.root);
  },
};

/** Builds the portal. */
export const portalPart: TaskPart = {
  kind: 'task',
  name: 'portal',
  title: 'Portal',
  needs: [],
  async run(context) {
    context.outputs.portalDist = await buildPortal(context.root);
  },
};
