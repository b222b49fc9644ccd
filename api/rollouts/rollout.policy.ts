import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

/**
 * `use` is to agree to a rollout or to skip a gate of it. A rollout may reach every project, so rights in single projects give none on it.
 */
export const rolloutPolicy: Policy = {
  subject: 'Rollout',
  roles: {
    [Role.owner]: Object.values(Action),
    [Role.admin]: Object.values(Action),
    [Role.operator]: [Action.read, Action.create, Action.operate],
    [Role.approver]: [Action.read, Action.use],
    [Role.viewer]: [Action.read],
  },
};
