import { z } from 'zod';
import { contract } from '../http/contract.ts';
import { instanceView } from '../http/views.schema.ts';
import { acceptedAnswer, waitOnly } from './instance.schema.ts';

const notReady = z
  .strictObject({ reason: z.string(), message: z.string(), nextStep: z.string().nullable() })
  .meta({ id: 'NotReady', description: 'Why one cannot work with it now, and what to do if there is something to do.' });

export const myClaw = z
  .strictObject({
    entitled: z.boolean().meta({ description: 'Whether the plan of the tenant includes claws of one’s own' }),
    instance: instanceView.nullable(),
    ready: z.boolean(),
    notReady: notReady.nullable(),
  })
  .meta({ id: 'MyClaw' });

const tag = 'my-claw';

export const getMyClaw = contract({
  id: 'getMyClaw',
  method: 'get',
  path: '/my-claw',
  tag,
  summary: "The caller's own claw, whether it is ready, and why not",
  answers: { 200: { description: 'The claw, or that there is none', schema: myClaw } },
});

export const createMyClaw = contract({
  id: 'createMyClaw',
  method: 'post',
  path: '/my-claw',
  tag,
  summary: 'Make the caller a claw of their own; who has one keeps it',
  query: waitOnly,
  body: z.strictObject({ type: z.string().min(1).max(100).default('openclaw') }).meta({ id: 'CreateMyClaw' }),
  answers: { 200: { description: 'There is one already', schema: myClaw }, ...acceptedAnswer },
  failures: ['NOT_ENTITLED', 'UNKNOWN_TYPE', 'POLICY_VIOLATED', 'QUOTA_EXCEEDED', 'CAPACITY_EXCEEDED', 'HOST_OFFLINE', 'NAME_TAKEN', 'TENANT_SUSPENDED'],
});

export const myClawContracts = [getMyClaw, createMyClaw];
