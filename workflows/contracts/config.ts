/** Who a config speaks for, from the widest to the narrowest. What a narrower one says wins, unless a wider one locks it. */
export const ConfigLevel = { global: 'global', tenant: 'tenant', project: 'project', template: 'template' } as const;
export type ConfigLevel = (typeof ConfigLevel)[keyof typeof ConfigLevel];

/** Levels in the order in which they are applied. */
export const CONFIG_LEVELS: readonly ConfigLevel[] = ['global', 'tenant', 'project', 'template'];

/** `draft`: nothing may run on it. `published`: it never changes again. */
export const ConfigVersionState = { draft: 'draft', published: 'published' } as const;
export type ConfigVersionState = (typeof ConfigVersionState)[keyof typeof ConfigVersionState];

/** One version of a config that an instance runs on. */
export interface ConfigPin {
  readonly config: string;
  readonly version: number;
}

/** Something that a config leaves open; settings name it as `{{vars.<name>}}`. `secret`: its value is the name of a stored secret. */
export interface ConfigVariable {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'list';
  readonly required: boolean;
  readonly secret: boolean;
  readonly default?: unknown;
  readonly description: string;
}

/**
 * What a version of a config says. `settings`: nested as the dotted keys of a claw type's settings are. `locks`: dotted paths that nothing
 * narrower may set, whether this config gives them a value or not.
 */
export interface ConfigDocument {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly locks: readonly string[];
  readonly variables: readonly ConfigVariable[];
}

/** A version of a config with everything that merging it needs. */
export interface ConfigLayer extends ConfigPin {
  readonly name: string;
  readonly level: ConfigLevel;
  readonly document: ConfigDocument;
}
