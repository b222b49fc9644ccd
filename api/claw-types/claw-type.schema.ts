import { z } from 'zod';
import { resources } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const clawTypeView = z
  .strictObject({
    name: z.string(),
    source: z.enum(['built-in', 'manifest']),
    versions: z.array(z.string()),
    defaultVersion: z.string(),
    defaultResources: resources,
    maxReplicas: z.int(),
    configSchema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of the settings a person may override' }),
    chat: z.boolean(),
  })
  .meta({ id: 'ClawType' });

export type ClawTypeView = z.infer<typeof clawTypeView>;

export const clawTypeName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be a claw type name such as openclaw');

export const listClawTypes = contract({
  id: 'listClawTypes',
  method: 'get',
  path: '/claw-types',
  tag: 'claw-types',
  summary: 'Kinds of claws that can be created here',
  answers: { 200: { description: 'Every type', schema: z.strictObject({ items: z.array(clawTypeView) }).meta({ id: 'ClawTypeList' }) } },
});

export const createClawType = contract({
  id: 'createClawType',
  method: 'post',
  path: '/claw-types',
  tag: 'claw-types',
  summary: 'Register a claw type by its manifest, or change a registered one',
  description: 'The manifest is checked in full by the custom adapter; a type of the same name is replaced.',
  body: z.record(z.string(), z.unknown()).meta({ id: 'ClawTypeManifest', description: 'apiVersion clusterclaw.io/v1, kind ClawType' }),
  bodyTypes: ['application/yaml'],
  answers: { 201: { description: 'The type', schema: clawTypeView } },
  failures: ['NAME_TAKEN'],
});

export const deleteClawType = contract({
  id: 'deleteClawType',
  method: 'delete',
  path: '/claw-types/{name}',
  tag: 'claw-types',
  summary: 'Remove a registered type that no instance uses',
  params: z.strictObject({ name: clawTypeName }),
  answers: { 204: { description: 'Removed' } },
  failures: ['NOT_FOUND', 'ILLEGAL_TRANSITION'],
});

export const clawTypeContracts = [listClawTypes, createClawType, deleteClawType];
