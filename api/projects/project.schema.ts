import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { GrantRole } from '../http/account.schema.ts';
import { idOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'projects';

export const projectBody = z.strictObject({ name: z.string().trim().min(1).max(Limits.projectNameCharacters) }).meta({ id: 'ProjectInput' });

const granted = z
  .strictObject({ userId: z.string(), name: z.string(), email: z.string(), role: z.enum(GrantRole), since: timestamp })
  .meta({ id: 'GrantedPerson' });
export type GrantedPerson = z.infer<typeof granted>;

export const projectView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    createdAt: timestamp,
    instances: z.int().meta({ description: 'Living ones' }),
    grants: z.array(granted).meta({ description: 'Who is more here than their role in the tenant says; by name' }),
  })
  .meta({ id: 'Project' });
export type ProjectView = z.infer<typeof projectView>;

const params = z.strictObject({ id: idOf(IdPrefix.project) });
const grantParams = z.strictObject({ id: idOf(IdPrefix.project), userId: idOf(IdPrefix.user) });
const one = { description: 'The project', schema: projectView };

export const listProjects = contract({
  id: 'listProjects',
  method: 'get',
  path: '/projects',
  tag,
  summary: 'The projects that you may see, by name',
  answers: { 200: { description: 'All of them', schema: z.strictObject({ items: z.array(projectView) }).meta({ id: 'Projects' }) } },
});

export const createProject = contract({
  id: 'createProject',
  method: 'post',
  path: '/projects',
  tag,
  summary: 'Make a project',
  body: projectBody,
  answers: { 201: one },
  failures: ['NAME_TAKEN', 'QUOTA_EXCEEDED', 'TENANT_SUSPENDED'],
});

export const getProject = contract({
  id: 'getProject',
  method: 'get',
  path: '/projects/{id}',
  tag,
  summary: 'A project and who is what in it',
  params,
  answers: { 200: one },
  failures: ['NOT_FOUND'],
});

export const updateProject = contract({
  id: 'updateProject',
  method: 'put',
  path: '/projects/{id}',
  tag,
  summary: 'Give a project another name',
  params,
  body: projectBody,
  answers: { 200: one },
  failures: ['NOT_FOUND', 'NAME_TAKEN', 'TENANT_SUSPENDED'],
});

export const deleteProject = contract({
  id: 'deleteProject',
  method: 'delete',
  path: '/projects/{id}',
  tag,
  summary: 'Delete a project without living instances',
  description: 'What its instances used and did stays in usage, events and audit. The last project of a tenant stays.',
  params,
  answers: { 204: { description: 'Deleted' } },
  failures: ['NOT_FOUND', 'STILL_IN_USE', 'TENANT_SUSPENDED'],
});

export const putProjectGrant = contract({
  id: 'putProjectGrant',
  method: 'put',
  path: '/projects/{id}/grants/{userId}',
  tag,
  summary: 'Say what a member is in this project',
  description: 'It counts where it is more than their role in the tenant.',
  params: grantParams,
  body: z.strictObject({ role: z.enum(GrantRole) }).meta({ id: 'ProjectGrantInput' }),
  answers: { 200: one },
  failures: ['NOT_FOUND', 'TENANT_SUSPENDED'],
});

export const deleteProjectGrant = contract({
  id: 'deleteProjectGrant',
  method: 'delete',
  path: '/projects/{id}/grants/{userId}',
  tag,
  summary: 'Take back what a member is in this project',
  params: grantParams,
  answers: { 200: one },
  failures: ['NOT_FOUND', 'TENANT_SUSPENDED'],
});

export const projectContracts = [listProjects, createProject, getProject, updateProject, deleteProject, putProjectGrant, deleteProjectGrant];
