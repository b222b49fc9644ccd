import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf, listQuery, waitQuery } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { operationKind, operationPage, operationState, operationView } from '../http/views.schema.ts';

const params = z.strictObject({ id: idOf(IdPrefix.operation) });

export const listOperationsQuery = z.strictObject({
  ...listQuery,
  state: operationState.optional(),
  kind: operationKind.optional(),
  instanceId: idOf(IdPrefix.instance).optional(),
  requestId: z.string().min(1).max(64).optional().meta({ description: 'Those that one request was accepted with' }),
  active: z.enum(['true']).optional().meta({ description: 'Only operations that have not ended' }),
});

export type ListOperationsQuery = z.infer<typeof listOperationsQuery>;

export const listOperations = contract({
  id: 'listOperations',
  method: 'get',
  path: '/operations',
  tag: 'operations',
  summary: 'Operations, newest first',
  query: listOperationsQuery,
  answers: { 200: { description: 'A page of operations', schema: operationPage } },
});

export const getOperation = contract({
  id: 'getOperation',
  method: 'get',
  path: '/operations/{id}',
  tag: 'operations',
  summary: 'One operation with its steps and attempts',
  params,
  query: z.strictObject(waitQuery),
  answers: { 200: { description: 'The operation', schema: operationView } },
  failures: ['NOT_FOUND'],
});

function control(name: 'retry-now' | 'give-up' | 'cancel', id: string, summary: string) {
  return contract({
    id,
    method: 'post',
    path: `/operations/{id}/${name}`,
    tag: 'operations',
    summary,
    params,
    query: z.strictObject(waitQuery),
    answers: { 200: { description: 'The operation after it', schema: operationView } },
    failures: ['NOT_FOUND', 'ILLEGAL_TRANSITION', 'WORKFLOW_ENGINE_UNAVAILABLE'],
  });
}

export const retryNowOperation = control('retry-now', 'retryNowOperation', 'Cut the wait for the next attempt short');
export const giveUpOperation = control('give-up', 'giveUpOperation', 'Give up on an operation that waits for its next attempt');
export const cancelOperation = control('cancel', 'cancelOperation', 'Cancel an operation and undo what it has done');

export const operationContracts = [listOperations, getOperation, retryNowOperation, giveUpOperation, cancelOperation];
