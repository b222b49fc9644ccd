import { Action, type Policy, usualPolicy } from '../http/authorize.ts';

/** Operators choose among models and verify; credentials are the matter of admins. */
export const providerPolicy: Policy = { ...usualPolicy('Provider', [Action.read, Action.operate]), anyGrant: [Action.read] };
