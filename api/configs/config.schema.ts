import { z } from 'zod';
import { type ConfigDocument, ConfigLevel, ConfigVersionState } from '../../workflows/contracts/config.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { flagQuery, idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { phase } from '../http/views.schema.ts';

const LOCK = /^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_*/:@-]{1,100}){0,12}$/;

export const configName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/, 'must be 1 to 60 lower-case letters, digits or hyphens');
const description = z.string().max(500);
const note = z.string().max(2_000).meta({ description: 'Why there is this version' });

const variable = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be a name of letters, digits and _'),
    type: z.enum(['string', 'number', 'boolean', 'list']).default('string'),
    required: z.boolean().default(false),
    secret: z.boolean().default(false).meta({ description: 'Its value is the name of a stored secret' }),
    default: z.unknown().optional(),
    description: description.default(''),
  })
  .meta({ id: 'ConfigVariable' });

const settings = z
  .record(z.string(), z.unknown())
  .meta({ description: 'Nested as the dotted keys of the settings of the claw type are; `{{vars.<name>}}` stands for a variable' });

/** What a person writes. */
export const documentInput = z
  .strictObject({
    settings: settings.default({}),
    locks: z.array(z.string().regex(LOCK, 'must be a dotted path such as tools.exec')).max(Limits.configLocksMax).default([]),
    variables: z.array(variable).max(Limits.configVariablesMax).default([]),
  })
  .refine(
    (document) => Buffer.byteLength(JSON.stringify(document)) <= Limits.configDocumentBytes,
    `must be at most ${Limits.configDocumentBytes} bytes of JSON`,
  )
  .meta({ id: 'ConfigDocumentInput' });

export const documentView = z
  .strictObject({ settings, locks: z.array(z.string()), variables: z.array(variable) })
  .meta({ id: 'ConfigDocument' }) satisfies z.ZodType<ConfigDocument>;

const level = z.enum(ConfigLevel).meta({ id: 'ConfigLevel' });
const user = z.string().meta({ description: 'Id of the person' });

export const configView = z
  .strictObject({
    id: z.string(),
    level,
    projectId: z.string().nullable(),
    type: z.string().meta({ description: 'The claw type that it is for' }),
    name: z.string(),
    description: z.string(),
    current: z.int().nullable().meta({ description: 'The version that new instances start on; null as long as none is published' }),
    published: z.int().nullable().meta({ description: 'The newest published version' }),
    latest: z.int().meta({ description: 'The newest version, draft or not; 0 when there is none' }),
    instances: z.int().meta({ description: 'Instances that run on any of its versions, as far as the caller sees them' }),
    outOfDate: z.int().meta({ description: 'How many of them run on an older version than the newest published one' }),
    createdAt: timestamp,
    createdBy: user,
    updatedAt: timestamp,
    lastUpdatedBy: user,
  })
  .meta({ id: 'Config' });

export type ConfigView = z.infer<typeof configView>;

export const versionView = z
  .strictObject({
    config: z.string(),
    version: z.int(),
    state: z.enum(ConfigVersionState),
    note: z.string(),
    createdAt: timestamp,
    createdBy: user,
    publishedAt: timestamp.nullable(),
    publishedBy: user.nullable(),
  })
  .meta({ id: 'ConfigVersion' });

export type VersionView = z.infer<typeof versionView>;

export const fullVersionView = versionView.extend({ document: documentView }).meta({ id: 'ConfigVersionWithDocument' });

export type FullVersionView = z.infer<typeof fullVersionView>;

export const createConfigBody = z
  .strictObject({
    name: configName,
    level: level.default('template'),
    projectId: idOf(IdPrefix.project).optional().meta({ description: 'With the level `project`' }),
    type: z.string().min(1).max(100).default('openclaw'),
    description: description.default(''),
    document: documentInput.prefault({}).meta({ description: 'Its first version, a draft' }),
    note: note.default(''),
  })
  .meta({ id: 'CreateConfig' });

export type CreateConfigBody = z.infer<typeof createConfigBody>;

export const saveVersionBody = z
  .strictObject({
    document: documentInput,
    note: note.default(''),
    basedOn: z.int().min(0).optional().meta({ description: 'The newest version when the change was begun; refused with 412 when there is a newer one' }),
  })
  .meta({ id: 'SaveConfigVersion' });

export type SaveVersionBody = z.infer<typeof saveVersionBody>;

export const publishBody = z
  .strictObject({
    current: z
      .boolean()
      .default(false)
      .meta({ description: 'New instances start on it at once; without it they do when nobody runs on an older version, or a rollout of it succeeded' }),
  })
  .meta({ id: 'PublishConfigVersion' });

export const importBody = z
  .strictObject({
    name: configName,
    type: z.literal('openclaw').default('openclaw'),
    description: description.default(''),
    config: z.record(z.string(), z.unknown()).meta({ description: "The claw's own configuration, such as an openclaw.json" }),
  })
  .meta({ id: 'ImportConfig' });

export type ImportBody = z.infer<typeof importBody>;

export const importView = z
  .strictObject({
    config: configView,
    version: fullVersionView,
    leftOut: z
      .array(z.strictObject({ path: z.string(), reason: z.string() }))
      .meta({ description: 'What the platform writes itself, and secrets, which settings only name' }),
  })
  .meta({ id: 'ImportedConfig' });

const changeOf = z
  .strictObject({
    key: z.string().meta({ description: 'Dotted key of a setting, `locks` or `variables.<name>`' }),
    change: z.enum(['added', 'removed', 'changed']),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'ConfigChange' });

export const diffView = z
  .strictObject({
    from: z.string().meta({ description: 'What it is compared with' }),
    to: z.string(),
    changes: z.array(changeOf),
  })
  .meta({ id: 'ConfigDiff' });

export const diffQuery = z.strictObject({
  to: z.coerce.number().int().min(1).optional().meta({ description: 'A version; without it the newest' }),
  from: z.coerce.number().int().min(1).optional().meta({ description: 'A version; without it the one before' }),
  instance: idOf(IdPrefix.instance).optional().meta({ description: 'Instead of `from`: what an instance is set to now, and would be with the version `to`' }),
});

export const userOfConfig = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    projectId: z.string(),
    phase,
    version: z.int().nullable().meta({ description: 'The version that it runs on; null: none, though the level applies to it' }),
    outOfDate: z.boolean(),
  })
  .meta({ id: 'ConfigUser' });

export const userPage = pageOf('ConfigUserPage', userOfConfig);
export const configPage = pageOf('ConfigPage', configView);
export const versionPage = pageOf('ConfigVersionPage', versionView);

export const listConfigsQuery = z.strictObject({
  ...listQuery,
  q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
  level: level.optional(),
  type: z.string().max(100).optional(),
});

export type ListConfigsQuery = z.infer<typeof listConfigsQuery>;

export const listQueryOnly = z.strictObject(listQuery);
export const usersQuery = z.strictObject({
  ...listQuery,
  outOfDate: flagQuery.meta({ description: 'Only those that do not run on the newest published version' }),
});
export type UsersQuery = z.infer<typeof usersQuery>;

export const configParams = z.strictObject({ id: idOf(IdPrefix.config) });
export const versionParams = z.strictObject({ id: idOf(IdPrefix.config), version: z.coerce.number().int().min(1).max(1_000_000) });

export const secretName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/, 'must be 1 to 48 lower-case letters, digits or hyphens');
export const secretView = z
  .strictObject({ name: z.string(), createdAt: timestamp, updatedAt: timestamp, lastUpdatedBy: user })
  .meta({ id: 'ConfigSecret', description: 'A secret that settings name; its value is never shown' });
export const putSecretBody = z.strictObject({ value: z.string().min(1).max(Limits.configSecretBytes) }).meta({ id: 'PutConfigSecret' });
