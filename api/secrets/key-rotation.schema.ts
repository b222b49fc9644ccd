import { z } from 'zod';
import { KeyRotationState } from '../../workflows/contracts/key-rotation.ts';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const keyRotation = z
  .strictObject({
    id: z.string(),
    state: z.enum(KeyRotationState),
    startedBy: z.strictObject({ id: z.string(), name: z.string().nullable() }),
    keyId: z.string().nullable().meta({ description: 'The new key; null until it is made' }),
    total: z.int().nullable().meta({ description: 'Secrets that need a new envelope; null until they are counted' }),
    resealed: z.int().meta({ description: 'Secrets that have one' }),
    unreadable: z.int().meta({ description: 'Secrets that no key opens; they were left as they are' }),
    createdAt: timestamp,
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: 'KeyRotation' });
export type KeyRotationView = z.infer<typeof keyRotation>;

export const listKeyRotations = contract({
  id: 'listKeyRotations',
  method: 'get',
  path: '/system/key-rotations',
  tag: 'system',
  summary: 'The key that seals now, and the last twenty rotations, newest first',
  answers: {
    200: {
      description: 'The rotations',
      schema: z
        .strictObject({
          key: z
            .strictObject({ id: z.string(), createdAt: timestamp })
            .nullable()
            .meta({ description: 'The key that seals now; null while that is the key file itself' }),
          items: z.array(keyRotation),
        })
        .meta({ id: 'KeyRotationList' }),
    },
  },
});

export const createKeyRotation = contract({
  id: 'createKeyRotation',
  method: 'post',
  path: '/system/key-rotations',
  tag: 'system',
  summary: 'Make a new key and give everything that is sealed an envelope of it',
  description: 'Nothing stops meanwhile: the older keys open what they sealed. One rotation runs at a time.',
  answers: { 202: { description: 'It was started', schema: keyRotation } },
  failures: ['OPERATION_IN_PROGRESS'],
});

export const keyRotationContracts = [listKeyRotations, createKeyRotation];
