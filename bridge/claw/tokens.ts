import type { Workload } from '../../workflows/contracts/workload.ts';
import type { ClawFolders } from '../files/folders.ts';
import { INSTANCE_VARIABLE } from '../process/sweep.ts';
import type { PreparedRuntime } from '../runtime/runtimes.ts';

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';
/** Settings of the machine that a program needs to reach others or to tell the time; nothing else of the daemon's environment is passed on. */
const PASSED_ON = ['TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** Replaces the folder tokens, and only those: a claw's files may use `${…}` for themselves. */
export function replaceTokens(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(CONFIG_DIR|DATA_DIR|RUNTIME_DIR|LOG_DIR|SCRATCH_DIR)\}/g, (token, name: string) => values[name] ?? token);
}

export function folderTokens(folders: ClawFolders, runtime: PreparedRuntime): Readonly<Record<string, string>> {
  return { CONFIG_DIR: folders.config, DATA_DIR: folders.data, LOG_DIR: folders.logs, RUNTIME_DIR: runtime.folder };
}

/** Environment of a process that runs with an installed version. */
export function baseEnv(runtime: PreparedRuntime, home: string, temporary: string): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : []));
  return {
    PATH: [...runtime.path, SYSTEM_PATH].join(':'),
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    ...runtime.env,
    ...Object.fromEntries(passedOn),
  };
}

/** Environment of the claw itself, its secrets included; goes to the kernel only, never to a log or a command line. */
export function clawEnv(workload: Workload, folders: ClawFolders, runtime: PreparedRuntime): Record<string, string> {
  const tokens = folderTokens(folders, runtime);
  const own = Object.entries(workload.env).map(([name, value]) => [name, replaceTokens(value, tokens)]);
  return {
    ...baseEnv(runtime, folders.data, folders.run),
    ...Object.fromEntries(own),
    ...Object.fromEntries(workload.secretEnv.map(({ name, value }) => [name, value])),
    [INSTANCE_VARIABLE]: workload.instanceId,
  };
}
