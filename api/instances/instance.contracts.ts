import { z } from 'zod';
import { CONFIG_LEVELS } from '../../workflows/contracts/config.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import { listQuery, problem } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { instanceSpec, instanceView, operationPage } from '../http/views.schema.ts';
import { bulkInstances } from './bulk.schema.ts';
import { refusedDryRun } from './dry-run.ts';
import {
  acceptedAnswer,
  createInstanceBody,
  createQuery,
  destroyQuery,
  instancePage,
  instanceParams,
  listInstancesQuery,
  retryInstanceBody,
  updateInstanceBody,
  waitOnly,
} from './instance.schema.ts';

const tag = 'instances';
const configReference = z.strictObject({ id: z.string(), name: z.string(), version: z.int() }).meta({ id: 'ConfigReference' });
const validation = [
  'UNKNOWN_TYPE',
  'UNKNOWN_VERSION',
  'INVALID_CONFIG',
  'CONFIG_LOCKED',
  'CAPACITY_EXCEEDED',
  'QUOTA_EXCEEDED',
  'POLICY_VIOLATED',
  'NAME_TAKEN',
] as const;

export const listInstances = contract({
  id: 'listInstances',
  method: 'get',
  path: '/instances',
  tag,
  summary: 'Instances, filtered and sorted',
  query: listInstancesQuery,
  answers: { 200: { description: 'A page of instances', schema: instancePage } },
});

export const createInstance = contract({
  id: 'createInstance',
  method: 'post',
  path: '/instances',
  tag,
  summary: 'Create an instance',
  query: createQuery,
  body: createInstanceBody,
  invalidDryRun: refusedDryRun,
  answers: {
    200: {
      description: 'With `?dryRun=true`: what would be created, or why not',
      schema: z
        .strictObject({ valid: z.boolean(), spec: instanceSpec.nullable(), problem: problem.nullable(), errors: problem.shape.errors })
        .meta({ id: 'DryRun' }),
    },
    ...acceptedAnswer,
  },
  failures: [...validation, 'HOST_OFFLINE', 'NOT_FOUND'],
});

export const getInstance = contract({
  id: 'getInstance',
  method: 'get',
  path: '/instances/{id}',
  tag,
  summary: 'One instance',
  params: instanceParams,
  answers: { 200: { description: 'The instance', schema: instanceView, headers: { ETag: 'Its generation' } } },
  failures: ['NOT_FOUND'],
});

export const updateInstance = contract({
  id: 'updateInstance',
  method: 'put',
  path: '/instances/{id}',
  tag,
  summary: 'Change name, labels, resources or settings',
  ifMatch: true,
  params: instanceParams,
  query: waitOnly,
  body: updateInstanceBody,
  answers: acceptedAnswer,
  failures: [...validation, 'NOT_FOUND', 'GENERATION_MISMATCH', 'ILLEGAL_TRANSITION', 'OPERATION_IN_PROGRESS'],
});

export const destroyInstance = contract({
  id: 'destroyInstance',
  method: 'delete',
  path: '/instances/{id}',
  tag,
  summary: 'Destroy an instance; its data is kept unless `retention=wipe`',
  params: instanceParams,
  query: destroyQuery,
  answers: acceptedAnswer,
  failures: ['NOT_FOUND', 'ILLEGAL_TRANSITION'],
});

function action(kind: OperationKind, id: string, summary: string) {
  return contract({
    id,
    method: 'post',
    path: `/instances/{id}/${kind}`,
    tag,
    summary,
    params: instanceParams,
    query: waitOnly,
    answers: acceptedAnswer,
    failures: ['NOT_FOUND', 'ILLEGAL_TRANSITION', 'OPERATION_IN_PROGRESS', 'POLICY_VIOLATED'],
  });
}

export const startInstance = action('start', 'startInstance', 'Start a stopped or failed instance');
export const stopInstance = action('stop', 'stopInstance', 'Stop an instance after it drained');
export const restartInstance = action('restart', 'restartInstance', 'Restart the process of an instance');
export const killInstance = action('kill', 'killInstance', 'End the process at once; pre-empts what is running');
export const rotateInstanceKey = action('rotate-key', 'rotateInstanceKey', 'Give the instance a new model key and revoke the old one');

export const retryInstance = contract({
  id: 'retryInstance',
  method: 'post',
  path: '/instances/{id}/retry',
  tag,
  summary: 'Retry a create that failed or waits, with a changed spec if given',
  params: instanceParams,
  query: waitOnly,
  body: retryInstanceBody,
  answers: acceptedAnswer,
  failures: [...validation, 'NOT_FOUND', 'ILLEGAL_TRANSITION'],
});

export const listInstanceOperations = contract({
  id: 'listInstanceOperations',
  method: 'get',
  path: '/instances/{id}/operations',
  tag,
  summary: 'Operations of an instance, newest first',
  params: instanceParams,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of operations', schema: operationPage } },
  failures: ['NOT_FOUND'],
});

export const getInstanceConfig = contract({
  id: 'getInstanceConfig',
  method: 'get',
  path: '/instances/{id}/config',
  tag,
  summary: 'The effective configuration and where each setting comes from',
  params: instanceParams,
  answers: {
    200: {
      description: 'The configuration',
      schema: z
        .strictObject({
          effective: z.record(z.string(), z.unknown()),
          provenance: z.array(
            z.strictObject({
              key: z.string(),
              value: z.unknown(),
              source: z.enum(['default', ...CONFIG_LEVELS, 'instance']),
              config: configReference.nullable().meta({ description: 'The version that sets it' }),
              lockedBy: configReference.nullable().meta({ description: 'The version that keeps the instance from setting it' }),
            }),
          ),
        })
        .meta({ id: 'EffectiveConfig' }),
    },
  },
  failures: ['NOT_FOUND'],
});

export const instanceContracts = [
  listInstances,
  createInstance,
  bulkInstances,
  getInstance,
  updateInstance,
  destroyInstance,
  startInstance,
  stopInstance,
  restartInstance,
  killInstance,
  rotateInstanceKey,
  retryInstance,
  listInstanceOperations,
  getInstanceConfig,
];
