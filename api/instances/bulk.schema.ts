import { z } from 'zod';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { Retention } from '../../workflows/contracts/operation.ts';
import { failureView, flagQuery, labels } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { phase } from '../http/views.schema.ts';
import { listInstancesQuery } from './instance.schema.ts';

const { q, type, version, labels: labelSelector } = listInstancesQuery.shape;
const instanceId = z.string().regex(new RegExp(idPattern(IdPrefix.instance)), `must be an id such as ${IdPrefix.instance}_01kah3…`);

const selector = z
  .strictObject({
    q,
    type,
    version,
    labels: labelSelector,
    phase: z.array(phase).min(1).max(9).optional(),
    hostId: z
      .string()
      .regex(new RegExp(idPattern(IdPrefix.host)))
      .optional(),
  })
  .meta({ id: 'InstanceSelector', description: 'The same filter as `GET /instances`; an empty one means every instance that is not destroyed' });

const labelKey = z.string().min(1).max(Limits.labelKeyCharacters);

const bulkAction = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['start', 'stop', 'restart', 'kill', 'rotate-key']) }),
    z.strictObject({ kind: z.literal('destroy'), retention: z.enum(Retention).default(Retention.retain) }),
    z
      .strictObject({ kind: z.literal('label'), set: labels.default({}), remove: z.array(labelKey).max(Limits.labelsMax).default([]) })
      .refine(({ set, remove }) => Object.keys(set).length + remove.length > 0, 'needs a label to set or to remove'),
  ])
  .meta({ id: 'BulkAction' });

export type BulkAction = z.infer<typeof bulkAction>;

const bulkBody = z
  .strictObject({ ids: z.array(instanceId).min(1).max(Limits.bulkMax).optional(), selector: selector.optional(), action: bulkAction })
  .refine((body) => (body.ids === undefined) !== (body.selector === undefined), { path: ['ids'], message: 'needs either ids or a selector' })
  .meta({ id: 'BulkRequest' });

export type BulkBody = z.infer<typeof bulkBody>;

const bulkItem = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable().meta({ description: 'null when there is no such instance' }),
    phase: phase.nullable(),
    operationId: z.string().nullable().meta({ description: 'The accepted operation; null in a preview and after a refusal' }),
    refusal: failureView.nullable().meta({ description: 'Why it is left out' }),
  })
  .meta({ id: 'BulkItem' });

export type BulkItem = z.infer<typeof bulkItem>;

const bulkResult = z.strictObject({ items: z.array(bulkItem), accepted: z.int(), refused: z.int() }).meta({ id: 'BulkResult' });

export const bulkInstances = contract({
  id: 'bulkInstances',
  method: 'post',
  path: '/instances/bulk',
  tag: 'instances',
  summary: 'Do the same to many instances',
  description:
    `Each instance is admitted by itself: what is refused keeps no other from being done. At most ${Limits.bulkMax} at once. ` +
    'A request that got no answer is sent again with the same Idempotency-Key: it goes on where it ended, with the instances that were found first, and accepts nothing twice. ' +
    'All operations of a request carry its X-Request-Id.',
  query: z.strictObject({ dryRun: flagQuery.meta({ description: 'Only say who would be affected and who would be refused' }) }),
  body: bulkBody,
  answers: {
    200: { description: 'With `?dryRun=true`: the preview, in which `accepted` counts who would be affected', schema: bulkResult },
    202: { description: 'What was accepted and what was refused', schema: bulkResult },
  },
});
