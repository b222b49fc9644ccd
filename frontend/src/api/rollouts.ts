import type { RolloutControl } from '../../../workflows/contracts/rollout.ts';
import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type Rollout = Schemas['Rollout'];
export type RolloutSummary = Schemas['RolloutSummary'];
export type RolloutTarget = Schemas['RolloutTarget'];
export type RolloutChange = Schemas['RolloutChange'];
export type RolloutVerdict = Schemas['RolloutVerdict'];
export type RolloutPreview = Schemas['RolloutPreview'];
export type CreateRollout = Schemas['CreateRollout'];
export type PreviewRollout = Schemas['PreviewRollout'];
export type SpecDifference = Schemas['SpecDifference'];
export type RolloutQuery = NonNullable<paths['/rollouts']['get']['parameters']['query']>;
export type TargetQuery = NonNullable<paths['/rollouts/{id}/targets']['get']['parameters']['query']>;

export function listRollouts(query: RolloutQuery): Promise<Page<RolloutSummary>> {
  return unwrap(api.GET('/rollouts', { params: { query } }));
}

export function getRollout(id: string): Promise<Rollout> {
  return unwrap(api.GET('/rollouts/{id}', { params: { path: { id } } }));
}

/** Targets in the order of their waves. */
export function listRolloutTargets(id: string, query: TargetQuery): Promise<Page<RolloutTarget>> {
  return unwrap(api.GET('/rollouts/{id}/targets', { params: { path: { id }, query } }));
}

export function createRollout(body: CreateRollout): Promise<Rollout> {
  return unwrap(api.POST('/rollouts', { body }));
}

/** Who would land in which wave; writes nothing. */
export function previewRollout(body: PreviewRollout): Promise<RolloutPreview> {
  return unwrap(api.POST('/rollouts/preview', { body }));
}

/** Decides about a rollout. The answer is the rollout as it is until its workflow has taken that up. */
export function controlRollout(id: string, control: RolloutControl, comment?: string): Promise<Rollout> {
  return unwrap(api.POST(`/rollouts/{id}/${control}`, { params: { path: { id } }, body: comment ? { comment } : {} }));
}
