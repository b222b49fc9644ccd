import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTRACTS } from '../contracts.ts';

/** What each route that changes something enters into the audit, in the transaction of the change. */
const ENTERED: Readonly<Record<string, string>> = {
  runSetup: 'platform.set-up',
  createApiKey: 'api-key.create',
  rotateApiKey: 'api-key.rotate',
  revokeApiKey: 'api-key.revoke',
  approveDevice: 'api-key.create',
  changeMember: 'member.change-role',
  removeMember: 'member.remove',
  suspendMember: 'member.suspend',
  resumeMember: 'member.resume',
  invite: 'invitation.create',
  resendInvitation: 'invitation.resend',
  revokeInvitation: 'invitation.revoke',
  acceptInvitation: 'invitation.accept',
  putSso: 'sso.set',
  deleteSso: 'sso.remove',
  disablePerson: 'person.disable',
  enablePerson: 'person.enable',
  requirePasswordChange: 'person.require-password-change',
  createTenant: 'tenant.create',
  updateTenant: 'tenant.update',
  deleteTenant: 'tenant.delete',
  givePlatformRole: 'platform-role.give',
  takePlatformRole: 'platform-role.take',
  createProject: 'project.create',
  updateProject: 'project.update',
  deleteProject: 'project.delete',
  putProjectGrant: 'project.grant',
  deleteProjectGrant: 'project.revoke',
  createInstance: 'instance.create',
  createMyClaw: 'instance.create',
  bulkInstances: 'instance.stop',
  updateInstance: 'instance.update',
  destroyInstance: 'instance.destroy',
  startInstance: 'instance.start',
  stopInstance: 'instance.stop',
  restartInstance: 'instance.restart',
  killInstance: 'instance.kill',
  rotateInstanceKey: 'instance.rotate-key',
  retryInstance: 'instance.retry',
  openInstance: 'instance.open',
  retryNowOperation: 'operation.retry-now',
  giveUpOperation: 'operation.give-up',
  cancelOperation: 'operation.cancel',
  createRollout: 'rollout.create',
  approveRollout: 'rollout.approve',
  rejectRollout: 'rollout.reject',
  pauseRollout: 'rollout.pause',
  resumeRollout: 'rollout.resume',
  promoteRollout: 'rollout.promote',
  abortRollout: 'rollout.abort',
  rollbackRollout: 'rollout.rollback',
  retryRollout: 'rollout.retry',
  endUnknownClaw: 'host.end-unknown-claw',
  createClawType: 'claw-type.register',
  deleteClawType: 'claw-type.remove',
  createConfig: 'config.create',
  importConfig: 'config.create',
  saveConfigVersion: 'config.save',
  publishConfigVersion: 'config.publish',
  putConfigSecret: 'config-secret.store',
  deleteConfigSecret: 'config-secret.forget',
  createProvider: 'provider.create',
  deleteProvider: 'provider.delete',
  verifyProvider: 'provider.verify',
  putTenantQuota: 'quota.set',
  putProjectQuota: 'quota.set',
  putTenantPolicies: 'policy.set',
  putProjectPolicies: 'policy.set',
  putPlan: 'plan.set',
  putTenantPlan: 'tenant.plan',
  putLogLevel: 'system.log-level',
  createKeyRotation: 'key-rotation.start',
};

/** What only its owner sees, what changes nothing, and what somebody does to their own account, which belongs to no tenant. */
const OWN: readonly string[] = [
  ...['createSavedView', 'updateSavedView', 'removeSavedView', 'previewInvitation', 'denyDevice'],
  ...['revokeAccountSession', 'revokeOtherSessions', 'requestEmailVerification', 'confirmEmail', 'requestPasswordReset', 'resetPassword'],
  ...['beginPasskey', 'addPasskey', 'removePasskey', 'beginPasskeySignIn', 'signInWithPasskey'],
  ...['testSso', 'findSso', 'startSso'],
  'previewRollout',
  ...['readNotifications', 'putNotificationSettings'],
];

const folder = join(import.meta.dirname, '..');
const code = globSync('**/*.ts', { cwd: folder })
  .filter((file) => !file.endsWith('.test.ts') && !file.includes('testing/'))
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n');

/** The code that writes an entry of this action; those of instances and operations are put together of their kind. */
function isWritten(action: string): boolean {
  if (code.includes(`'${action}'`)) return true;
  if (action.startsWith('rollout.')) return code.includes('`rollout.${control}`');
  return action.startsWith('instance.') ? code.includes('`instance.${kind}`') : action.startsWith('operation.') && code.includes('`operation.${control}`');
}

test('every route that changes something enters it into the audit, or is known not to', () => {
  const changing = CONTRACTS.filter(({ method }) => method !== 'get').map(({ id }) => id);
  expect(changing.filter((id) => !(id in ENTERED) && !OWN.includes(id))).toEqual([]);
  expect([...Object.keys(ENTERED), ...OWN].filter((id) => !changing.includes(id))).toEqual([]);
});

test('every action that routes are said to enter is written somewhere', () => {
  expect(Object.values(ENTERED).filter((action) => !isWritten(action))).toEqual([]);
});
