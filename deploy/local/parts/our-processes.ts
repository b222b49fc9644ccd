import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isHostConnected } from '../database/host-presence.ts';
import { databaseUrls } from '../database/urls.ts';
import { answersHttp } from '../supervisor/health.ts';
import { apiUrl, OUTBOUND_ALLOW, serverEnvironment } from './environment.ts';
import type { PartContext, ServicePart, ServicePlan } from './part.ts';

function nodePlan(
  context: PartContext,
  script: string,
  rest: Pick<ServicePlan, 'env' | 'ready' | 'stopSignal' | 'stopBudgetMs' | 'startBudgetMs'>,
): ServicePlan {
  return {
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', '--enable-source-maps', join(context.root, script)],
    cwd: context.root,
    advice: 'The lines above name the reason. After repairing it, run the command again; nothing was lost.',
    version: process.versions.node,
    source: 'this clone',
    ...rest,
  };
}

/** LiteLLM's way out: a proxy that leads where model providers may be and nowhere else. */
export const egressPart: ServicePart = {
  kind: 'service',
  name: 'egress',
  title: 'Way out to model providers',
  needs: [],
  ports: ['egress'],
  plan: async (context) =>
    nodePlan(context, 'activities/egress.ts', {
      env: {
        OUTBOUND_ALLOW,
        ...process.env,
        NODE_ENV: 'production',
        LITELLM_MASTER_KEY: context.secrets.litellmMasterKey,
        EGRESS_HOST: '127.0.0.1',
        EGRESS_PORT: String(context.port('egress')),
        ...context.extraEnv,
      },
      ready: () => answersHttp(`http://127.0.0.1:${context.port('egress')}/livez`),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
    }),
};

/** The API: REST, WebSockets, model gateway, bridge gateway, and the built portal. */
export const apiPart: ServicePart = {
  kind: 'service',
  name: 'api',
  title: 'API and portal',
  needs: ['seed', 'prisma-client', 'temporal', 'seaweedfs'],
  after: ['portal'],
  ports: ['api', 'apiMetrics'],
  plan: async (context) =>
    nodePlan(context, 'api/server.ts', {
      env: {
        ...serverEnvironment(context),
        API_HOST: '127.0.0.1',
        API_PORT: String(context.port('api')),
        METRICS_PORT: String(context.port('apiMetrics')),
        ...(context.outputs.portalDist ? { PORTAL_DIST: context.outputs.portalDist } : {}),
      },
      ready: () => answersHttp(`${apiUrl(context)}/readyz`),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
    }),
};

/** The Temporal worker with all workflows and activities. */
export const workerPart: ServicePart = {
  kind: 'service',
  name: 'worker',
  title: 'Worker',
  needs: ['seed', 'prisma-client', 'workflow-bundle', 'temporal', 'seaweedfs'],
  ports: ['workerHealth', 'workerMetrics', 'workerEngineMetrics'],
  plan: async (context) =>
    nodePlan(context, 'activities/worker.ts', {
      env: {
        ...serverEnvironment(context),
        WORKER_HEALTH_PORT: String(context.port('workerHealth')),
        METRICS_PORT: String(context.port('workerMetrics')),
        TEMPORAL_METRICS_PORT: String(context.port('workerEngineMetrics')),
        ...(context.outputs.workflowBundle ? { WORKFLOW_BUNDLE: context.outputs.workflowBundle } : {}),
      },
      ready: () => answersHttp(`http://127.0.0.1:${context.port('workerHealth')}/readyz`),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
    }),
};

/** The bridge daemon that makes this machine the first host. */
export const bridgePart: ServicePart = {
  kind: 'service',
  name: 'bridge',
  title: 'Host (this machine)',
  needs: ['api'],
  ports: [],
  async plan(context) {
    mkdirSync(context.homes.claws, { recursive: true });
    return nodePlan(context, 'bridge/daemon.ts', {
      // Only what it needs: the bridge starts strangers' code, so it is not given the platform's secrets.
      env: {
        ...process.env,
        NODE_ENV: 'production',
        BRIDGE_API_URL: apiUrl(context),
        BRIDGE_TOKEN_FILE: context.secrets.hostTokenFile,
        BRIDGE_DATA_DIR: context.homes.claws,
        BRIDGE_RUNTIMES_DIR: context.homes.runtimes,
        ...context.extraEnv,
      },
      ready: (spawnedAt) => isHostConnected(databaseUrls(context).system, context.secrets.hostToken, spawnedAt),
      // SIGINT stops every claw first; SIGTERM would leave them running for the next bridge.
      stopSignal: 'SIGINT',
      stopBudgetMs: 8_500,
      startBudgetMs: 180_000,
    });
  },
};
