import type { Notice } from '../../prisma/notifier.ts';
import type { RolloutPlan } from '../../workflows/contracts/rollout.ts';
import { ruleAsked } from '../../workflows/contracts/rollout-approval.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';

/** What of a rollout its notices tell. */
export interface NoticedRollout {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly plan: RolloutPlan;
  readonly author: { readonly id: string; readonly name: string };
}

/** Those who look after the tenant hear of what went wrong, like whoever made the rollout. */
const KEEPERS = ['owner', 'admin'];

/** What people are told of the phase that a rollout has come to; null when nobody need know. */
export function noticeOf(rollout: NoticedRollout, state: RolloutState): Notice | null {
  const { id, tenantId, name, plan, author } = rollout;
  const about = { tenantId, subject: { id, name }, path: `/rollouts/${id}` };
  const wave = plan.waves[state.wave]?.name ?? null;
  const reason = state.reason ?? '';
  switch (state.phase) {
    case 'AwaitingApproval': {
      const data = { wave: state.asks === 'wave' ? wave : null, author: author.name };
      const to = { roles: ruleAsked(plan, state)?.roles ?? [], except: [author.id] };
      return { ...about, kind: 'approval-needed', data, to, dedupeKey: `${id}/${state.asks}/${state.wave}/${state.askedAt}` };
    }
    case 'Paused':
      // Whoever paused it knows.
      if (state.reason === 'BY_PERSON') return null;
      return {
        ...about,
        kind: 'rollout-held',
        data: { reason, wave },
        to: { roles: KEEPERS, userIds: [author.id] },
        dedupeKey: `${id}/held/${state.wave}/${state.passes}/${state.verdicts}/${reason}`,
      };
    case 'Failed':
      return { ...about, kind: 'rollout-failed', data: { reason }, to: { roles: KEEPERS, userIds: [author.id] }, dedupeKey: `${id}/failed/${state.passes}` };
    case 'Aborted':
      if (state.reason === 'REJECTED' || state.reason === 'APPROVAL_EXPIRED')
        return { ...about, kind: 'rollout-failed', data: { reason }, to: { userIds: [author.id] }, dedupeKey: `${id}/failed/${state.passes}` };
      return finished();
    case 'Succeeded':
    case 'RolledBack':
      return finished();
    case 'Progressing':
    case 'RollingBack':
      return null;
  }
  function finished(): Notice {
    return {
      ...about,
      kind: 'rollout-finished',
      data: { phase: state.phase },
      to: { userIds: [author.id] },
      dedupeKey: `${id}/${state.phase}/${state.passes}`,
    };
  }
}
