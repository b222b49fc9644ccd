import { z } from 'zod';
import { IdPrefix, INSTANCE_NAME_PATTERN } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { Retention } from '../../workflows/contracts/operation.ts';
import { flagQuery, idOf, labelSelectorQuery, labels, listQuery, pageOf, resources, waitQuery } from '../http/common.schema.ts';
import { accepted, instanceSort, instanceView, phase } from '../http/views.schema.ts';

export const instanceName = z
  .string()
  .regex(new RegExp(INSTANCE_NAME_PATTERN), 'must be 1 to 40 lower-case letters, digits or hyphens, and begin and end with a letter or digit')
  .meta({ example: 'sales-bot' });

const SETTING_KEY = /^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_*/:@-]{1,100}){0,12}$/;

const overrideInput = z
  .strictObject({
    key: z.string().regex(SETTING_KEY, 'must be a dotted path such as model.name'),
    value: z
      .unknown()
      .refine((value) => value !== undefined, 'is needed')
      .refine((value) => Buffer.byteLength(JSON.stringify(value) ?? '') <= Limits.overrideBytes, `must be at most ${Limits.overrideBytes} bytes of JSON`),
  })
  .meta({ id: 'ConfigOverrideInput' });

const VARIABLE_NAME = /^[A-Za-z0-9_]{1,64}$/;
const variableValue = z.union([z.string().max(20_000), z.number(), z.boolean(), z.array(z.string().max(2_000)).max(500)]);

const configInput = z
  .strictObject({
    overrides: z
      .array(overrideInput)
      .max(Limits.overridesMax)
      .superRefine((overrides, context) => {
        const seen = new Set<string>();
        for (const [index, { key }] of overrides.entries()) {
          if (seen.has(key)) context.addIssue({ code: 'custom', path: [index, 'key'], message: `${key} stands there twice` });
          seen.add(key);
        }
      })
      .optional(),
    layers: z
      .array(
        z
          .strictObject({ config: idOf(IdPrefix.config), version: z.int().min(1).optional().meta({ description: 'Without it the current one' }) })
          .meta({ id: 'ConfigPinInput' }),
      )
      .max(Limits.configLayersMax)
      .superRefine((pins, context) => {
        for (const [index, { config }] of pins.entries()) {
          if (pins.findIndex((pin) => pin.config === config) < index)
            context.addIssue({ code: 'custom', path: [index, 'config'], message: 'stands there twice' });
        }
      })
      .optional()
      .meta({ description: 'Templates it runs on; of the levels above, a version to move to' }),
    variables: z
      .record(z.string().regex(VARIABLE_NAME, 'must be a name of letters, digits and _'), variableValue)
      .optional()
      .meta({ description: 'Values of what the templates leave open' }),
  })
  .meta({ id: 'InstanceConfigInput' });

const resourcesInput = resources.partial().meta({ id: 'ResourcesInput' });
const clawType = z.string().min(1).max(100);
const clawVersion = z.string().min(1).max(100);

export const createInstanceBody = z
  .strictObject({
    name: instanceName,
    type: clawType.default('openclaw'),
    version: clawVersion.optional().meta({ description: 'Without it the default version of the type' }),
    labels: labels.default({}),
    resources: resourcesInput.optional().meta({ description: 'What is not named is the default of the type' }),
    config: configInput.optional(),
    placement: z
      .strictObject({ hostId: idOf(IdPrefix.host).optional() })
      .optional()
      .meta({ description: 'Without it the first online host' }),
    projectId: idOf(IdPrefix.project).optional(),
  })
  .meta({ id: 'CreateInstance' });

export type CreateInstanceBody = z.infer<typeof createInstanceBody>;

export const updateInstanceBody = z
  .strictObject({ name: instanceName.optional(), labels: labels.optional(), resources: resourcesInput.optional(), config: configInput.optional() })
  .meta({
    id: 'UpdateInstance',
    description: 'What is not named stays as it is; `labels`, `config.overrides` and `config.variables` replace what was there, `config.layers` the templates.',
  });

export type UpdateInstanceBody = z.infer<typeof updateInstanceBody>;

export const retryInstanceBody = z
  .strictObject({
    specPatch: z.strictObject({ version: clawVersion.optional(), resources: resourcesInput.optional(), config: configInput.optional() }).optional(),
  })
  .meta({ id: 'RetryInstance' });

export type RetryInstanceBody = z.infer<typeof retryInstanceBody>;

export const listInstancesQuery = z.strictObject({
  ...listQuery,
  sort: instanceSort.default('-createdAt'),
  q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
  labels: labelSelectorQuery,
  phase: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(phase).max(9))
    .optional()
    .meta({ description: 'One or several phases, separated by commas', override: { type: 'string' } }),
  type: clawType.optional(),
  version: clawVersion.optional(),
  hostId: idOf(IdPrefix.host).optional(),
});

export type ListInstancesQuery = z.infer<typeof listInstancesQuery>;

export const instanceParams = z.strictObject({ id: idOf(IdPrefix.instance) });
export const acceptedAnswer = { 202: { description: 'Accepted', schema: accepted, headers: { Location: 'Where the operation is' } } } as const;
export const waitOnly = z.strictObject(waitQuery);
export const createQuery = z.strictObject({ ...waitQuery, dryRun: flagQuery.meta({ description: 'Only say whether it would be accepted' }) });
export const destroyQuery = z.strictObject({ ...waitQuery, retention: z.enum(Retention).default(Retention.retain) });
export const instancePage = pageOf('InstancePage', instanceView);
