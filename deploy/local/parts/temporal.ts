import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../workflows/contracts/search-attributes.ts';
import { answersHttp } from '../supervisor/health.ts';
import { resolveTool } from '../tools/resolve.ts';
import { versions } from '../tools/versions.ts';
import type { ServicePart } from './part.ts';

/** Temporal server and its UI in one process, its state in a SQLite file. */
export const temporalPart: ServicePart = {
  kind: 'service',
  name: 'temporal',
  title: 'Temporal',
  needs: [],
  ports: ['temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'],
  async plan(context, report) {
    const tool = await resolveTool('temporal', report);
    const folder = join(context.homes.dataDir, 'temporal');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const httpPort = context.port('temporalHttp');
    return {
      command: tool.path,
      args: [
        'server',
        'start-dev',
        '--ip',
        '127.0.0.1',
        '--port',
        String(context.port('temporal')),
        '--ui-port',
        String(context.port('temporalUi')),
        '--http-port',
        String(httpPort),
        '--metrics-port',
        String(context.port('temporalMetrics')),
        '--db-filename',
        join(folder, 'temporal.db'),
        // Twice the throughput of the default journal, and still safe when the process is killed.
        '--sqlite-pragma',
        'journal_mode=WAL',
        '--sqlite-pragma',
        'synchronous=NORMAL',
        '--log-level',
        'warn',
        '--color',
        'never',
        ...SEARCH_ATTRIBUTES.flatMap(({ name, type }) => ['--search-attribute', `${name}=${type}`]),
      ],
      env: { ...process.env },
      cwd: folder,
      ready: () => answersHttp(`http://127.0.0.1:${httpPort}/api/v1/namespaces/default`),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
      advice: 'Check free disk space and memory, then try again.',
      version: `${tool.version} (server ${versions.tools.temporal.serverVersion})`,
      source: tool.source,
    };
  },
};
