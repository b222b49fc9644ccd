import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatabaseUrls, databaseUrls } from './database/urls.ts';
import { metricsUrls, publicUrl, temporalUiUrl } from './parts/environment.ts';
import type { Part, PartContext, Report, ServicePart, ServicePlan } from './parts/part.ts';
import { allParts } from './parts/registry.ts';
import { lockData } from './supervisor/data-lock.ts';
import { runGraph, withDependencies } from './supervisor/graph.ts';
import { openHomes } from './supervisor/homes.ts';
import { ManagedProcess, type PartState } from './supervisor/managed-process.ts';
import { assignPorts } from './supervisor/ports.ts';
import { identify } from './supervisor/process-identity.ts';
import { loadSecrets } from './supervisor/secrets.ts';
import { findOrphans, readState, stopOrphans, writeState } from './supervisor/state-file.ts';
import type { FileLock } from './tools/file-lock.ts';

/** One thing that happened to one step of the start. */
export interface Progress {
  readonly part: string;
  readonly title: string;
  readonly event: 'begin' | 'report' | 'done' | 'failed';
  readonly text: string | null;
}

/** Settings of {@link startPlatform}. */
export interface PlatformOptions {
  readonly dataDir: string;
  /** Names of the wanted parts; what they need is added. Default: everything. */
  readonly parts?: readonly string[];
  /** Extra environment of the API, the worker and the bridge. */
  readonly env?: Readonly<Record<string, string>>;
  /** Pins the portal's port; it is an error when it is taken. */
  readonly port?: number | null;
  /** Port of the portal on data that has none yet, if it is free. */
  readonly preferredPort?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting it during the start stops everything that has begun. */
  readonly signal?: AbortSignal;
}

/** A running part as tests and `npm run status` see it. */
export interface PlatformPart {
  readonly name: string;
  readonly pid: number | null;
  readonly state: PartState;
  readonly logFile: string;
  readonly restarts: number;
  /** Sends a signal as an outsider would; for a deadly one resolves when the process is gone. It is restarted with back-off. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when the part is ready (again). */
  waitReady(): Promise<void>;
  /** Stops it and keeps it stopped until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A running platform. */
export interface Platform {
  readonly url: string;
  readonly temporalUi: string;
  readonly temporalAddress: string;
  readonly dataDir: string;
  /** Whether a part of this name runs here. */
  has(part: string): boolean;
  /** Code of the one-time set-up link; null when somebody has an account. */
  readonly setupToken: string | null;
  readonly databaseUrls: DatabaseUrls;
  /** Where claws keep their state, and where their programs are installed. */
  readonly clawsDir: string;
  readonly runtimesDir: string;
  port(name: string): number;
  /** Address and key of the model translator and the object store, for suites that speak to them. */
  readonly litellm: { readonly url: string; readonly masterKey: string };
  readonly objectStore: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string; readonly bucket: string };
  part(name: string): PlatformPart;
  /** Stops every part in reverse order, claws included, and releases the data. May be called more than once. */
  stop(): Promise<void>;
}

/** The repository's folder. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The given parts and what they need, in the order in which they are begun; all parts when none are given. */
export function partsToStart(names: readonly string[] = allParts.map((part) => part.name)): Part[] {
  const wanted = withDependencies(allParts, names);
  return allParts.filter((part) => wanted.has(part.name));
}

/**
 * Starts the wanted parts on a data folder, in parallel as far as they allow, and resolves when all are healthy.
 * Rejects with AlreadyRunning when another supervisor has the data, with PartFailed when a part does not start (everything is
 * stopped again then). Leftovers of a supervisor that was killed are stopped first; claws live on.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const homes = openHomes(options.dataDir);
  const lock = lockData(homes.dataDir);
  try {
    await stopOrphans(findOrphans(readState(homes.dataDir)), 'SIGTERM');
    const parts = partsToStart(options.parts);
    // Also for parts that do not run this time: the others are told where those would be.
    const ports = await assignPorts(
      join(homes.dataDir, 'ports.json'),
      allParts.flatMap((part) => (part.kind === 'service' ? part.ports : [])),
      {
        ...(options.preferredPort ? { preferred: { api: options.preferredPort } } : {}),
        ...(options.port ? { pinned: { api: options.port } } : {}),
      },
    );
    const context: PartContext = {
      root: repositoryRoot,
      homes,
      secrets: loadSecrets(homes.dataDir),
      port(name) {
        const port = ports[name];
        if (port === undefined) throw new Error(`There is no port called "${name}".`);
        return port;
      },
      extraEnv: options.env ?? {},
      outputs: { setupCode: null, portalDist: null, workflowBundle: null },
    };
    return await new Supervisor(parts, context, lock, options).start();
  } catch (error) {
    lock.release();
    throw error;
  }
}

class Supervisor {
  readonly #parts: readonly Part[];
  readonly #context: PartContext;
  readonly #lock: FileLock;
  readonly #options: PlatformOptions;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #plans = new Map<string, ServicePlan>();
  #ready = false;
  #stopping: Promise<void> | null = null;

  constructor(parts: readonly Part[], context: PartContext, lock: FileLock, options: PlatformOptions) {
    this.#parts = parts;
    this.#context = context;
    this.#lock = lock;
    this.#options = options;
    for (const part of parts) {
      if (part.kind === 'service')
        this.#processes.set(part.name, new ManagedProcess(part.name, join(context.homes.logs, `${part.name}.log`), () => this.#record()));
    }
  }

  async start(): Promise<Platform> {
    const { signal } = this.#options;
    const abort = () => void this.stop();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      await runGraph(this.#parts.map((part) => ({ name: part.name, needs: this.#waitsFor(part), run: () => this.#step(part) })));
      signal?.throwIfAborted();
      this.#ready = true;
      this.#record();
      return this.#platform();
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  #waitsFor(part: Part): string[] {
    const after = part.kind === 'service' ? (part.after ?? []) : [];
    return [...part.needs, ...after.filter((name) => this.#parts.some((other) => other.name === name))];
  }

  async #step(part: Part): Promise<void> {
    const tell = (event: Progress['event'], text: string | null = null) => this.#options.onProgress?.({ part: part.name, title: part.title, event, text });
    if (this.#stopping) throw new Error('The start was interrupted.');
    tell('begin');
    try {
      const report: Report = (text) => tell('report', text);
      if (part.kind === 'task') await part.run(this.#context, report);
      else await this.#startService(part, report);
      tell('done');
    } catch (error) {
      tell('failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async #startService(part: ServicePart, report: Report): Promise<void> {
    const managed = this.#process(part.name);
    const plan = await part.plan(this.#context, report);
    if (this.#stopping) throw new Error('The start was interrupted.');
    this.#plans.set(part.name, plan);
    report('starting');
    await managed.start(plan);
    await part.afterReady?.(this.#context);
  }

  /** Users of a service go before the service, so that none of them logs a lost connection. */
  async #stopAll(): Promise<void> {
    this.#ready = false;
    const stopped = new Map<string, Promise<void>>();
    const stop = (part: Part): Promise<void> => {
      const known = stopped.get(part.name);
      if (known) return known;
      const users = this.#parts.filter((other) => other.needs.includes(part.name));
      const managed = this.#processes.get(part.name);
      const done = Promise.all(users.map(stop)).then(() => managed?.stop());
      stopped.set(part.name, done);
      return done;
    };
    await Promise.all(this.#parts.map(stop));
    this.#record();
    this.#lock.release();
  }

  #process(name: string): ManagedProcess {
    const managed = this.#processes.get(name);
    if (!managed) throw new Error(`There is no running part called "${name}".`);
    return managed;
  }

  #record(): void {
    const { homes, port } = this.#context;
    const has = (name: string) => this.#processes.has(name);
    writeState(homes.dataDir, {
      supervisor: identify(process.pid),
      ready: this.#ready,
      url: has('api') ? publicUrl(this.#context) : null,
      temporalUi: has('temporal') ? temporalUiUrl(this.#context) : null,
      metrics: metricsUrls(this.#context, has),
      parts: this.#parts.flatMap((part) => {
        if (part.kind === 'task') return [];
        const managed = this.#process(part.name);
        const plan = this.#plans.get(part.name);
        const { name, state, identity, restarts, logFile } = managed;
        return [
          {
            name,
            state,
            identity,
            restarts,
            logFile,
            port: part.ports[0] ? port(part.ports[0]) : null,
            version: plan?.version ?? null,
            source: plan?.source ?? null,
            stopSignal: plan?.stopSignal ?? 'SIGTERM',
          },
        ];
      }),
    });
  }

  #platform(): Platform {
    const context = this.#context;
    const { secrets, homes } = context;
    return {
      get url() {
        return publicUrl(context);
      },
      get temporalUi() {
        return temporalUiUrl(context);
      },
      get temporalAddress() {
        return `127.0.0.1:${context.port('temporal')}`;
      },
      get databaseUrls() {
        return databaseUrls(context);
      },
      dataDir: homes.dataDir,
      has: (name) => this.#processes.has(name),
      clawsDir: homes.claws,
      runtimesDir: homes.runtimes,
      setupToken: context.outputs.setupCode,
      port: (name) => context.port(name),
      get litellm() {
        return { url: `http://127.0.0.1:${context.port('litellm')}`, masterKey: secrets.litellmMasterKey };
      },
      get objectStore() {
        return { endpoint: `http://127.0.0.1:${context.port('s3')}`, ...secrets.s3, bucket: 'clawloops' };
      },
      part: (name) => this.#handle(name),
      stop: () => this.stop(),
    };
  }

  #handle(name: string): PlatformPart {
    const managed = this.#process(name);
    return {
      name,
      logFile: managed.logFile,
      get pid() {
        return managed.pid;
      },
      get state() {
        return managed.state;
      },
      get restarts() {
        return managed.restarts;
      },
      kill: (signal) => managed.kill(signal),
      waitReady: () => managed.waitReady(),
      stop: () => managed.stop(),
      start: async () => {
        const plan = this.#plans.get(name);
        if (!plan) throw new Error(`${name} was never started.`);
        await managed.start(plan);
      },
    };
  }
}
