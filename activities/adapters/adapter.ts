import type { ClawTypeManifest, Probe } from '../../workflows/contracts/claw-type.ts';
import type { FieldError } from '../../workflows/contracts/failures.ts';
import type { ConfigOverride } from '../../workflows/contracts/instance.ts';
import type { RuntimeRef, WorkloadFile } from '../../workflows/contracts/workload.ts';

/** A model the claw may call, by the name the gateway knows it under. */
export interface ModelChoice {
  readonly id: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
}

/** Facts that only the runtime knows, injected into the rendered files. */
export interface RuntimeFacts {
  readonly instance: { readonly id: string; readonly name: string; readonly slug: string };
  readonly ports: Readonly<Record<string, number>>;
  /** Base URL of the model gateway as the claw reaches it, ending in `/v1`. */
  readonly modelGatewayUrl: string;
  readonly models: readonly ModelChoice[];
  readonly memoryBytes: number;
}

/**
 * A secret that a claw is given. `modelKey`: its key to the model gateway; `controlToken`: the token of its own control surface;
 * `entryKey`: what it knows the entry by, see {@link ClawPage}; `stored:<name>`: what people stored for their settings to name.
 */
export type ClawSecret = 'modelKey' | 'controlToken' | 'entryKey' | `stored:${string}`;

/** The web page of a claw, which people reach through the entry alone. */
export interface ClawPage {
  readonly port: string;
  /**
   * Environment variable with the claw's `entryKey`, or null when it takes none. The entry names the person in a header whose name ends
   * with that key, because other processes on a host can reach the port too and would only have to know the name.
   */
  readonly entryKeyEnv: string | null;
  /** The one origin from which the claw lets browsers in; the entry puts it in place of the public one, having checked that. Null: the public one. */
  readonly origin: string | null;
  /** Paths, with all below them, that are the platform's and no part of the page. */
  readonly closed: readonly string[];
  /** Headers that every request to the page carries, whatever the browser sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The result of rendering: data that the driver turns into a workload. Holds no secret values, only which ones the claw needs. */
export interface Rendered {
  readonly runtime: RuntimeRef;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Environment variable name -> which secret it takes. */
  readonly secretEnv: Readonly<Record<string, ClawSecret>>;
  readonly files: readonly WorkloadFile[];
  readonly probes: { readonly live: Probe; readonly ready: Probe };
  readonly stop: { readonly signal: string; readonly graceSeconds: number };
  readonly reload: string;
  /** sha256 of what, when changed, needs a new process; and of the files. `sha256:` + hex. */
  readonly processHash: string;
  readonly filesHash: string;
}

/** A command of the claw's own version that checks rendered files before anything is started, or null when it has none. */
export interface NativeCheck {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** The same for rendered files that differ only in what cannot make them wrong, such as a port: one of them passing is enough. */
  readonly alike: string;
  /** Turns the output into field errors; empty = valid. */
  readonly read: (result: { exitCode: number; stdout: string; stderr: string }) => readonly FieldError[];
}

/**
 * One kind of claw. Pure: no clock, no network, no files. The four methods of the seed keep their meaning.
 * `C` is the unified config of this type.
 */
export interface ClawAdapter<C = unknown> {
  readonly type: string;
  readonly versions: readonly string[];
  readonly maxReplicas: number;
  readonly portNames: readonly string[];
  /** Requested when the user names none: Kubernetes quantities. */
  readonly defaultResources: { readonly cpu: string; readonly memory: string; readonly storage: string };
  /** Settings a person may override, for the create wizard and validation messages; a JSON Schema of the unified config. */
  readonly configSchema: Readonly<Record<string, unknown>>;
  /** How the platform speaks to the claw once it runs. */
  readonly control: 'openclaw' | 'manifest';
  /** Where an OpenAI-compatible chat answers, or null when the claw has no chat. */
  readonly chat: { readonly port: string; readonly path: string; readonly model: string } | null;
  /** Where its web page answers, or null when it has none. */
  readonly page: ClawPage | null;
  /** `openclaw`: applied hash asked over its admin surface; `http`: a path answers the hash; `none`: readiness is the only proof. */
  readonly ack: { readonly type: 'none' | 'openclaw' } | { readonly type: 'http'; readonly port: string; readonly path: string };
  /** `dial`: delivered to the running claw; `env`: only at start. */
  readonly modelKeyDelivery: 'dial' | 'env' | 'none';
  /** Unified config from overrides. Throws Failure(INVALID_CONFIG) with one error per wrong setting, `path` = `/spec/config/overrides/<index>/value`. */
  parseConfig(version: string, overrides: readonly ConfigOverride[]): C;
  /** Names of the stored secrets that a config uses. */
  secretsIn(config: C): readonly string[];
  /** Target files and process from config and runtime facts. */
  render(version: string, config: C, facts: RuntimeFacts): Rendered;
  /** The version's own validation of what was rendered. */
  nativeCheck(version: string, rendered: Rendered): NativeCheck | null;
}

/** Finds adapters: the built-in ones by type, `custom` ones by the tenant's registered manifests. */
export interface AdapterRegistry {
  readonly builtIn: ReadonlyMap<string, ClawAdapter>;
  fromManifest(manifest: ClawTypeManifest): ClawAdapter;
}
