import { z } from 'zod';
import { contract } from '../http/contract.ts';
import * as schema from './config.schema.ts';

const tag = 'configs';
const params = schema.configParams;
const invalid = ['INVALID_CONFIG', 'CONFIG_LOCKED', 'POLICY_VIOLATED'] as const;

export const listConfigs = contract({
  id: 'listConfigs',
  method: 'get',
  path: '/configs',
  tag,
  summary: 'Configs of every level that the caller sees',
  query: schema.listConfigsQuery,
  answers: { 200: { description: 'A page of configs', schema: schema.configPage } },
});

export const createConfig = contract({
  id: 'createConfig',
  method: 'post',
  path: '/configs',
  tag,
  summary: 'Make a config with a first draft',
  body: schema.createConfigBody,
  answers: { 201: { description: 'The config', schema: schema.configView, headers: { Location: 'Where it is' } } },
  failures: ['NAME_TAKEN', 'UNKNOWN_TYPE', 'NOT_FOUND', ...invalid],
});

export const importConfig = contract({
  id: 'importConfig',
  method: 'post',
  path: '/configs/import',
  tag,
  summary: "Make a template out of a claw's own configuration",
  description: 'What has a setting becomes that setting, everything else stands in the native section as it was. Secrets are left out.',
  body: schema.importBody,
  answers: { 201: { description: 'The template, its first draft, and what is not in it', schema: schema.importView, headers: { Location: 'Where it is' } } },
  failures: ['NAME_TAKEN', ...invalid],
});

export const getConfig = contract({
  id: 'getConfig',
  method: 'get',
  path: '/configs/{id}',
  tag,
  summary: 'One config',
  params,
  answers: { 200: { description: 'The config', schema: schema.configView } },
  failures: ['NOT_FOUND'],
});

export const listConfigVersions = contract({
  id: 'listConfigVersions',
  method: 'get',
  path: '/configs/{id}/versions',
  tag,
  summary: 'Versions of a config, newest first',
  params,
  query: schema.listQueryOnly,
  answers: { 200: { description: 'A page of versions', schema: schema.versionPage } },
  failures: ['NOT_FOUND'],
});

export const saveConfigVersion = contract({
  id: 'saveConfigVersion',
  method: 'post',
  path: '/configs/{id}/versions',
  tag,
  summary: 'Save a new draft',
  params,
  body: schema.saveVersionBody,
  answers: { 201: { description: 'The draft', schema: schema.fullVersionView, headers: { Location: 'Where it is' } } },
  failures: ['NOT_FOUND', 'GENERATION_MISMATCH', ...invalid],
});

export const getConfigVersion = contract({
  id: 'getConfigVersion',
  method: 'get',
  path: '/configs/{id}/versions/{version}',
  tag,
  summary: 'One version with what it says',
  params: schema.versionParams,
  answers: { 200: { description: 'The version', schema: schema.fullVersionView } },
  failures: ['NOT_FOUND'],
});

export const publishConfigVersion = contract({
  id: 'publishConfigVersion',
  method: 'post',
  path: '/configs/{id}/versions/{version}/publish',
  tag,
  summary: 'Publish a version: from now on instances may run on it',
  description: 'Nothing changes under an instance that runs on another version; a rollout or an update of the instance moves it.',
  params: schema.versionParams,
  body: schema.publishBody,
  answers: { 200: { description: 'The version', schema: schema.versionView } },
  failures: ['NOT_FOUND', ...invalid],
});

export const diffConfig = contract({
  id: 'diffConfig',
  method: 'get',
  path: '/configs/{id}/diff',
  tag,
  summary: 'What differs between two versions, or what a version would change for an instance',
  params,
  query: schema.diffQuery,
  answers: { 200: { description: 'Every difference', schema: schema.diffView } },
  failures: ['NOT_FOUND', ...invalid],
});

export const listConfigInstances = contract({
  id: 'listConfigInstances',
  method: 'get',
  path: '/configs/{id}/instances',
  tag,
  summary: 'Who runs on which version, and who is out of date',
  params,
  query: schema.usersQuery,
  answers: { 200: { description: 'A page of instances, by name', schema: schema.userPage } },
  failures: ['NOT_FOUND'],
});

export const listConfigSecrets = contract({
  id: 'listConfigSecrets',
  method: 'get',
  path: '/config-secrets',
  tag,
  summary: 'Names of the secrets that settings may name',
  answers: { 200: { description: 'Every secret, by name', schema: z.strictObject({ items: z.array(schema.secretView) }).meta({ id: 'ConfigSecretList' }) } },
});

const secretParams = z.strictObject({ name: schema.secretName });

export const putConfigSecret = contract({
  id: 'putConfigSecret',
  method: 'put',
  path: '/config-secrets/{name}',
  tag,
  summary: 'Store a secret, or give it a new value; claws take it when they are next started',
  params: secretParams,
  body: schema.putSecretBody,
  answers: { 200: { description: 'Stored', schema: schema.secretView } },
});

export const deleteConfigSecret = contract({
  id: 'deleteConfigSecret',
  method: 'delete',
  path: '/config-secrets/{name}',
  tag,
  summary: 'Forget a secret; claws whose settings name it cannot be started any more',
  params: secretParams,
  answers: { 204: { description: 'Forgotten' } },
  failures: ['NOT_FOUND'],
});

export const configContracts = [
  listConfigs,
  createConfig,
  importConfig,
  getConfig,
  listConfigVersions,
  saveConfigVersion,
  getConfigVersion,
  publishConfigVersion,
  diffConfig,
  listConfigInstances,
  listConfigSecrets,
  putConfigSecret,
  deleteConfigSecret,
];
