import type { LocationQuery } from 'vue-router';
import { emptyRollout, type RolloutDraft } from './rollout-draft.ts';

/**
 * The draft that an address begins with, so that other pages lead here with what they know: `config` and `to` for a version of a config,
 * `type` and `to` for a version of a claw, `ids` for chosen instances.
 */
export function draftFromUrl(query: LocationQuery): RolloutDraft {
  const text = (name: string): string => (typeof query[name] === 'string' ? query[name] : '');
  const draft = emptyRollout();
  const config = text('config');
  const version = Number(text('to'));
  if (config !== '' && Number.isInteger(version) && version > 0) return { ...draft, kind: 'config', config: { id: config, version }, ids: idsOf(text('ids')) };
  return { ...draft, type: text('type'), version: text('type') === '' ? '' : text('to'), ids: idsOf(text('ids')) };
}

function idsOf(text: string): string[] {
  return text.split(',').filter((id) => id !== '');
}
