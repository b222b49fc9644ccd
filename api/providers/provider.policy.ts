import { Action, usualPolicy } from '../http/authorize.ts';

/** Operators choose among models and verify; credentials are the matter of admins. */
export const providerPolicy = usualPolicy('provider', [Action.read, Action.operate]);
