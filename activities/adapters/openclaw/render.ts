import { Failure } from '../../../workflows/contracts/failures.ts';
import type { WorkloadFile } from '../../../workflows/contracts/workload.ts';
import type { Rendered, RuntimeFacts } from '../adapter.ts';
import { hashOf } from '../canonical.ts';
import { valueAt } from '../overrides.ts';
import { secretEnvOf } from './channels.ts';
import type { OpenClawConfig } from './config.ts';
import { CONTROL_TOKEN_ENV, ENTRY_KEY_ENV, fleetConfig } from './fleet-config.ts';
import { instructionsPluginFiles } from './instructions-plugin.ts';
import { runtimeOf } from './versions.ts';

/** The one port of a claw: HTTP, WebSocket, probes and chat. */
export const GATEWAY_PORT = 'gateway';

/** Name of the claw's configuration file in its config dir. */
export const CONFIG_FILE = 'openclaw.json';

const BOOT_SECONDS = 180;
const MEBIBYTE = 1024 * 1024;
const OLD_SPACE_SHARE = 0.75;
const OLD_SPACE_MINIMUM = 256;

// The home and the scratch folder are the claw's own, and it does not make them itself.
const COMMAND = ['sh', '-c', 'umask 077 && mkdir -p "$HOME" "$TMPDIR" && exec openclaw gateway run'] as const;

/** Parts of the claw's configuration that its running process does not take; as its own schema says of them (`reloadKind: restart`). */
const RESTART_PATHS: readonly string[] = [
  'gateway.port',
  'gateway.bind',
  'gateway.mode',
  'gateway.auth',
  'gateway.tls',
  'gateway.tailscale',
  'gateway.controlUi.basePath',
  'env',
  'secrets.egressProxy',
  'proxy',
  'memory.search',
  'attachments',
  'nodeHost',
  'diagnostics.otel',
  'security.audit',
];

/** Files, process and probes of an OpenClaw. The same input gives the same bytes. */
export function renderOpenClaw(version: string, config: OpenClawConfig, facts: RuntimeFacts): Rendered {
  const runtime = runtimeOf(version);
  const port = facts.ports[GATEWAY_PORT];
  if (port === undefined) throw new Failure('INTERNAL', 'no port was reserved for the gateway of the claw');
  const filesHash = hashOf(filesOf(config, fleetConfig(config, facts, port, '')));
  const target = fleetConfig(config, facts, port, filesHash);
  const env = environment(facts.memoryBytes);
  const secretEnv: Rendered['secretEnv'] = { [CONTROL_TOKEN_ENV]: 'controlToken', [ENTRY_KEY_ENV]: 'entryKey', ...secretEnvOf(config.channels) };
  const restartParts = RESTART_PATHS.map((path) => [path, valueAt(target, path.split('.')) ?? null]);
  return {
    runtime,
    command: COMMAND,
    env,
    secretEnv,
    files: filesOf(config, target),
    probes: {
      live: { type: 'http', port: GATEWAY_PORT, path: '/healthz', withinSeconds: BOOT_SECONDS },
      // Starting, draining and unusable agents all answer 503 here, so this covers `/startupz` too.
      ready: { type: 'http', port: GATEWAY_PORT, path: '/readyz', withinSeconds: BOOT_SECONDS },
    },
    stop: { signal: 'SIGTERM', graceSeconds: config.shutdown.graceSeconds },
    reload: 'hot',
    processHash: hashOf({ runtime, command: COMMAND, env, secretEnv, restartParts }),
    filesHash,
  };
}

/** The configuration comes last: the claw takes it as soon as it is there, and what it names must be there before. */
function filesOf(config: OpenClawConfig, target: Record<string, unknown>): readonly WorkloadFile[] {
  const plugin = config.agent.instructions === '' ? [] : instructionsPluginFiles();
  return [...plugin, { path: CONFIG_FILE, mode: '0600', content: configText(target) }];
}

/**
 * JSON in which an escaped `$${NAME}` of a person is spelt without a dollar sign: the host replaces `${DATA_DIR}` and its like in
 * the text of files, and must not find them in what people wrote.
 */
function configText(target: Record<string, unknown>): string {
  return `${JSON.stringify(target, null, 2).replaceAll('$${', '\\u0024\\u0024{')}\n`;
}

function environment(memoryBytes: number): Readonly<Record<string, string>> {
  const oldSpace = Math.max(OLD_SPACE_MINIMUM, Math.floor((memoryBytes / MEBIBYTE) * OLD_SPACE_SHARE));
  return {
    HOME: '${DATA_DIR}/home',
    // Its compile cache is there too. Named by NODE_COMPILE_CACHE, it would start itself a second time below a waiting parent.
    TMPDIR: '${DATA_DIR}/tmp',
    NODE_OPTIONS: `--max-old-space-size=${oldSpace}`,
    MALLOC_ARENA_MAX: '1',
    OPENCLAW_STATE_DIR: '${DATA_DIR}/state',
    OPENCLAW_CONFIG_PATH: `\${CONFIG_DIR}/${CONFIG_FILE}`,
    OPENCLAW_CONFIG_READONLY: '1',
    OPENCLAW_NO_RESPAWN: '1',
    OPENCLAW_NO_AUTO_UPDATE: '1',
    OPENCLAW_DISABLE_BONJOUR: '1',
    OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
  };
}
