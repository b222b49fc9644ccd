import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

const manage = [Action.read, Action.create, Action.update, Action.remove];
const look = [Action.read];

/** Owners and admins arrange projects and say who is what in them; whoever works in one sees it. */
export const projectPolicy: Policy = {
  subject: 'Project',
  roles: { [Role.owner]: manage, [Role.admin]: manage, [Role.operator]: look, [Role.approver]: look, [Role.viewer]: look },
  grants: { operator: look, approver: look, viewer: look },
};
