import { PlatformRole } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

/** The keys are of the whole platform, so no role in a tenant reaches them. */
export const keyRotationPolicy: Policy = {
  subject: 'KeyRotation',
  roles: {},
  platform: { [PlatformRole.admin]: [Action.read, Action.create], [PlatformRole.auditor]: [Action.read] },
};
