import { Entitlement, UNLIMITED_PLAN } from '../../../../workflows/contracts/quota.ts';
import type { Plan } from '../../api/quotas.ts';
import { type LimitDraft, limitDraft, limitsOf, wrongLimits } from './quota-view.ts';

export const ENTITLEMENTS = Object.values(Entitlement);

/** A plan as somebody types it: empty text is no limit. */
export interface PlanDraft {
  name: string;
  limits: LimitDraft;
  seats: string;
  /** Includes everything there is and will be; `entitlements` counts only without it. */
  everything: boolean;
  entitlements: Entitlement[];
}

/** What the fields of a new plan, or of one that is changed, begin with. */
export function planDraft(plan: Plan | null): PlanDraft {
  return {
    name: plan?.name ?? '',
    limits: limitDraft(plan?.limits ?? {}),
    seats: plan?.seats ? String(plan.seats) : '',
    everything: plan === null || plan.entitlements === null,
    entitlements: [...(plan?.entitlements ?? [])],
  };
}

/** The plan that was typed; names are kept in lower case. */
export function planOf(draft: PlanDraft): Plan {
  const seats = draft.seats.trim();
  return {
    name: draft.name.trim().toLowerCase(),
    limits: limitsOf(draft.limits),
    seats: seats === '' ? null : Number(seats),
    entitlements: draft.everything ? null : ENTITLEMENTS.filter((one) => draft.entitlements.includes(one)),
  };
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** What the API would refuse: a name in the wrong form, one that another plan has, seats that are no number, limits that nobody can read. */
export function planFaults(draft: PlanDraft, taken: readonly string[]): readonly ('name' | 'taken' | 'seats' | 'limits')[] {
  const { name } = planOf(draft);
  return [
    ...(NAME.test(name) ? [] : (['name'] as const)),
    ...(taken.includes(name) || name === UNLIMITED_PLAN ? (['taken'] as const) : []),
    ...(/^(|[1-9]\d{0,5}|1000000)$/.test(draft.seats.trim()) ? [] : (['seats'] as const)),
    ...(wrongLimits(draft.limits).length === 0 ? [] : (['limits'] as const)),
  ];
}
