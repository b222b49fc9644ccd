import type { ApprovalRule, RolloutPlan } from './rollout.ts';
import type { RolloutState } from './rollout-record.ts';

/** Who is asked now, if anybody is. */
export function ruleAsked(plan: RolloutPlan, { asks, wave }: Pick<RolloutState, 'asks' | 'wave'>): ApprovalRule | null {
  return asks === 'start' ? plan.approvalBeforeStart : (plan.waves[wave]?.approval ?? null);
}

/** Names what is asked for now: `start`, or the number of a wave. */
export function subjectAsked({ asks, wave }: Pick<RolloutState, 'asks' | 'wave'>): string {
  return asks === 'start' ? 'start' : String(wave);
}

/** Whether enough people have agreed. */
export function isApproved(rule: ApprovalRule, approvedBy: readonly string[]): boolean {
  return new Set(approvedBy).size >= rule.count;
}

/** When the question is closed, in milliseconds of the epoch; null: it stays open. */
export function deadlineOf(rule: ApprovalRule, askedAt: string | null): number | null {
  return rule.deadlineSeconds === null || askedAt === null ? null : Date.parse(askedAt) + rule.deadlineSeconds * 1000;
}
