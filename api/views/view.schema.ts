import { z } from 'zod';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { idOf, labelSelectorQuery, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { instanceSort, phase } from '../http/views.schema.ts';

const tag = 'account';

/** What `GET /instances` can be asked, except the place in the list. */
const instanceListQuery = z
  .strictObject({
    q: z.string().max(200).optional(),
    phase: z.array(phase).min(1).max(9).optional(),
    type: z.string().min(1).max(100).optional(),
    labels: labelSelectorQuery,
    hostId: z
      .string()
      .regex(new RegExp(idPattern(IdPrefix.host)))
      .optional(),
    sort: instanceSort.optional(),
  })
  .meta({ id: 'InstanceListQuery', description: 'Filter and order of the instance list' });

export const savedViewBody = z
  .strictObject({
    name: z.string().trim().min(1).max(Limits.savedViewNameCharacters),
    list: z.literal('instances').default('instances'),
    query: instanceListQuery,
  })
  .meta({ id: 'SavedViewInput' });

export type SavedViewBody = z.infer<typeof savedViewBody>;

export const savedView = z
  .strictObject({ id: z.string(), name: z.string(), list: z.literal('instances'), query: instanceListQuery, createdAt: timestamp, updatedAt: timestamp })
  .meta({ id: 'SavedView' });

export type SavedView = z.infer<typeof savedView>;

const params = z.strictObject({ id: idOf(IdPrefix.view) });

export const listViews = contract({
  id: 'listSavedViews',
  method: 'get',
  path: '/me/views',
  tag,
  summary: 'Your saved views, by name',
  answers: { 200: { description: 'All of them', schema: z.strictObject({ items: z.array(savedView) }).meta({ id: 'SavedViews' }) } },
});

export const createView = contract({
  id: 'createSavedView',
  method: 'post',
  path: '/me/views',
  tag,
  summary: 'Keep a filter and order of a list under a name',
  body: savedViewBody,
  answers: { 201: { description: 'The view', schema: savedView } },
  failures: ['NAME_TAKEN', 'QUOTA_EXCEEDED'],
});

export const updateView = contract({
  id: 'updateSavedView',
  method: 'put',
  path: '/me/views/{id}',
  tag,
  summary: 'Rename a view or give it another filter',
  params,
  body: savedViewBody,
  answers: { 200: { description: 'The view', schema: savedView } },
  failures: ['NOT_FOUND', 'NAME_TAKEN'],
});

export const removeView = contract({
  id: 'removeSavedView',
  method: 'delete',
  path: '/me/views/{id}',
  tag,
  summary: 'Forget a view; what it shows stays',
  params,
  answers: { 204: { description: 'Forgotten' } },
  failures: ['NOT_FOUND'],
});

export const viewContracts = [listViews, createView, updateView, removeView];
