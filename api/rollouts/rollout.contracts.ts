import { RolloutControl } from '../../workflows/contracts/rollout.ts';
import { contract } from '../http/contract.ts';
import * as schema from './rollout.schema.ts';

const tag = 'rollouts';
const params = schema.rolloutParams;
const one = { description: 'The rollout', schema: schema.rolloutView };

export const listRollouts = contract({
  id: 'listRollouts',
  method: 'get',
  path: '/rollouts',
  tag,
  summary: 'Rollouts, newest first',
  query: schema.listRolloutsQuery,
  answers: { 200: { description: 'A page of rollouts', schema: schema.rolloutPage } },
});

export const createRollout = contract({
  id: 'createRollout',
  method: 'post',
  path: '/rollouts',
  tag,
  summary: 'Carry one change to many instances, in waves',
  description: 'The targets are looked up once and stay those. It begins at once, or when enough people have agreed.',
  body: schema.createRolloutBody,
  answers: { 201: { ...one, headers: { Location: 'Where the rollout is' } } },
  failures: ['ROLLOUT_CONFLICT', 'INVALID_CONFIG', 'UNKNOWN_VERSION'],
});

export const previewRollout = contract({
  id: 'previewRollout',
  method: 'post',
  path: '/rollouts/preview',
  tag,
  summary: 'Who would land in which wave, with what would change',
  body: schema.previewRolloutBody,
  answers: { 200: { description: 'What a rollout with this plan would do; nothing is done', schema: schema.rolloutPreview } },
});

export const getRollout = contract({
  id: 'getRollout',
  method: 'get',
  path: '/rollouts/{id}',
  tag,
  summary: 'A rollout with its waves, approvals and verdicts',
  params,
  answers: { 200: one },
});

export const listRolloutTargets = contract({
  id: 'listRolloutTargets',
  method: 'get',
  path: '/rollouts/{id}/targets',
  tag,
  summary: 'Targets of a rollout in the order of their waves, each with its difference',
  params,
  query: schema.listTargetsQuery,
  answers: { 200: { description: 'A page of targets', schema: schema.targetPage } },
});

const decision = (control: RolloutControl, summary: string) =>
  contract({
    id: `${control}Rollout`,
    method: 'post',
    path: `/rollouts/{id}/${control}`,
    tag,
    summary,
    params,
    body: schema.controlBody,
    answers: { 202: { description: 'Decided; the rollout as it is until its workflow has taken that up', schema: schema.rolloutView } },
    failures: ['ILLEGAL_TRANSITION'],
  });

export const approveRollout = decision(RolloutControl.approve, 'Agree to what is asked for');
export const rejectRollout = decision(RolloutControl.reject, 'Do not agree: it ends where it is');
export const pauseRollout = decision(RolloutControl.pause, 'Begin with no further instance');
export const resumeRollout = decision(RolloutControl.resume, 'Go on');
export const promoteRollout = decision(RolloutControl.promote, 'Skip the gate of this wave');
export const abortRollout = decision(RolloutControl.abort, 'Stop where it is, for good');
export const rollbackRollout = decision(RolloutControl.rollback, 'Bring every touched instance back to what it was');
export const retryRollout = decision(RolloutControl.retry, 'Try the failed instances of this wave again');

export const rolloutContracts = [
  listRollouts,
  createRollout,
  previewRollout,
  getRollout,
  listRolloutTargets,
  approveRollout,
  rejectRollout,
  pauseRollout,
  resumeRollout,
  promoteRollout,
  abortRollout,
  rollbackRollout,
  retryRollout,
];
