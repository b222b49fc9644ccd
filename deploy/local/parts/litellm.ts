import { join } from 'node:path';
import { answersHttp } from '../supervisor/health.ts';
import { resolveTool } from '../tools/resolve.ts';
import { waysOut } from './environment.ts';
import type { ServicePart } from './part.ts';

/** LiteLLM as a stateless translator between model APIs; it holds no provider key. */
export const litellmPart: ServicePart = {
  kind: 'service',
  name: 'litellm',
  title: 'LiteLLM',
  needs: ['egress'],
  ports: ['litellm'],
  async plan(context, report) {
    const tool = await resolveTool('litellm', report);
    const port = context.port('litellm');
    return {
      command: tool.path,
      args: ['--config', join(context.root, 'deploy', 'local', 'litellm.yaml'), '--host', '127.0.0.1', '--port', String(port)],
      env: {
        ...process.env,
        ...waysOut(context),
        LITELLM_MASTER_KEY: context.secrets.litellmMasterKey,
        // Without these it asks the internet for prices, three times, before it starts.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
        // It would log what providers say, and careless ones echo the key; our gateway logs the code of every failure.
        LITELLM_LOG: 'CRITICAL',
        PYTHONUNBUFFERED: '1',
        // A database of the machine's own environment must not make it stateful.
        DATABASE_URL: undefined,
      },
      cwd: context.homes.dataDir,
      ready: () => answersHttp(`http://127.0.0.1:${port}/health/liveliness`),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 300_000,
      advice: 'Check free memory (it takes about 350 MiB), then try again.',
      version: tool.version,
      source: tool.source,
    };
  },
};
