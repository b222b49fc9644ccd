/**
 * The manifest of a claw type: data, not code. `{{ … }}` in env values, commands and file templates is a lookup (`config.<path>`,
 * `ports.<name>`, `instance.id|name|slug`, `paths.config|data|logs|runtime`, `gateway.url|models`, `memory.bytes`, `revision`) or a JSON
 * string, followed by the filters `| default(<JSON value>)` and `| json`. A value that is missing without a default is an error.
 */
export interface Probe {
  readonly type: 'http' | 'tcp' | 'exec' | 'runtime';
  readonly port?: string;
  readonly path?: string;
  readonly command?: readonly string[];
  readonly withinSeconds?: number;
}

export interface ClawTypeVersion {
  readonly version: string;
  readonly image?: string | null;
  /** Package to install for this version, `{ npm: "pkg@1.0.0" }` or `{ pip: "pkg==1.0.0" }`; null = none. */
  readonly install?: { readonly npm?: string; readonly pip?: string } | null;
  readonly command: readonly string[];
}

export interface EnvTemplate {
  readonly name: string;
  readonly value?: string;
  /**
   * `modelKey`: the claw's model key; `controlToken`: the token of its own control surface; `entryKey`: what it knows the entry by, which
   * says who a person is in the header `x-clawloops-user-<entry key in lower case>`.
   */
  readonly secret?: 'modelKey' | 'controlToken' | 'entryKey';
}

export interface FileTemplate {
  /** Relative to the config dir. */
  readonly path: string;
  readonly mode?: string;
  readonly template: string;
}

export interface ClawTypeManifest {
  readonly apiVersion: 'clusterclaw.io/v1';
  readonly kind: 'ClawType';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly ClawTypeVersion[];
    readonly env?: readonly EnvTemplate[];
    readonly files?: readonly FileTemplate[];
    readonly ports: readonly { readonly name: string }[];
    readonly probes: { readonly live: Probe; readonly ready: Probe };
    /** How it is known that the claw took new files. `http`: GET of the path answers, as plain text, what the lookup `revision` gave: the hash of the files. */
    readonly ack?: { readonly type: 'none' | 'http' | 'annotation'; readonly port?: string; readonly path?: string };
    readonly maxReplicas?: number;
    /** After a change of files: `restart`, `signal:<SIG>`, `http:<method> <path>` or `none` (the claw watches them itself). */
    readonly reload?: { readonly mode: string };
    readonly stop?: { readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'; readonly graceSeconds: number };
    readonly chat?: { readonly openai?: { readonly port: string; readonly path: string } };
    /** Port of its web page, for claws that have one; see docs/entry.md. */
    readonly ui?: { readonly port: string };
    readonly configSchema?: Readonly<Record<string, unknown>>;
  };
}
