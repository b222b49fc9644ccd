/** Whom the table is about: roles of a tenant, then those who come from elsewhere. */
export const CALLERS = [
  'owner',
  'admin',
  'operator',
  'approver',
  'viewer',
  /** Without a grant. */
  'member',
  /** A member with the grant `operator` in the project of the thing. */
  'granted',
  /** The owner, by a key that may only read. */
  'reader',
  /** Not members: they name the tenant in X-Tenant. */
  'platformAdmin',
  'platformAuditor',
  /** Owner of another tenant, with ids of this one. */
  'otherOwner',
] as const;
export type TableCaller = (typeof CALLERS)[number];

/** `allowed`: what is answered depends on the request only. `refused`: 401 or 403. `hidden`: 404, as if it were not there. */
export type Verdict = 'allowed' | 'refused' | 'hidden';

const SIGNS: Readonly<Record<string, Verdict>> = { '+': 'allowed', '-': 'refused', o: 'hidden' };

/** Routes that need nobody to be signed in. */
const ANYBODY = [
  'getSetup',
  'runSetup',
  'confirmEmail',
  'requestPasswordReset',
  'resetPassword',
  'beginPasskeySignIn',
  'signInWithPasskey',
  'previewInvitation',
  'acceptInvitation',
  'findSso',
  'startSso',
  'finishSso',
];

// Keys may not do everything that their person may in a browser: sessions and passkeys are refused to all of those who come by a key here.
// Everybody may leave (removeMember of oneself). Hosts of the platform are seen in every tenant; lists hold only what their reader may see.
const ROWS = `
  route                    owner admin operator approver viewer member granted reader platformAdmin platformAuditor otherOwner
  getMe                    +     +     +        +        +      +      +       +      +             +               +
  getAccountSecurity       -     -     -        -        -      -      -       -      +             +               -
  listAccountSessions      -     -     -        -        -      -      -       -      +             +               -
  revokeAccountSession     +     +     +        +        +      +      +       -      +             +               -
  revokeOtherSessions      +     +     +        +        +      +      +       -      +             +               +
  requestEmailVerification +     +     +        +        +      +      +       -      +             +               +
  listPasskeys             -     -     -        -        -      -      -       -      +             +               -
  beginPasskey             +     +     +        +        +      +      +       -      +             +               +
  addPasskey               +     +     +        +        +      +      +       -      +             +               +
  removePasskey            +     +     +        +        +      +      +       -      +             +               -
  getDevice                -     -     -        -        -      -      -       -      -             -               -
  approveDevice            +     +     +        +        +      +      +       -      -             -               -
  denyDevice               +     +     +        +        +      +      +       -      -             -               -
  listSavedViews           +     +     +        +        +      +      +       +      +             +               +
  createSavedView          +     +     +        +        +      +      +       -      -             -               +
  updateSavedView          +     +     +        +        +      +      +       -      -             -               o
  removeSavedView          +     +     +        +        +      +      +       -      -             -               o
  listNotifications        +     +     +        +        +      +      +       +      +             +               +
  readNotifications        +     +     +        +        +      +      +       -      -             -               +
  getNotificationSettings  +     +     +        +        +      +      +       +      +             +               +
  putNotificationSettings  +     +     +        +        +      +      +       -      -             -               +
  listApiKeys              +     +     +        +        +      +      +       +      +             +               +
  createApiKey             +     +     +        +        +      +      +       -      -             -               +
  rotateApiKey             +     +     +        +        +      +      +       -      -             -               o
  revokeApiKey             +     +     +        +        +      +      +       -      -             -               o
  listMembers              +     +     +        +        -      -      -       +      +             +               +
  changeMember             +     +     -        -        -      -      -       -      +             -               o
  removeMember             +     +     +        +        +      +      +       -      +             -               o
  invite                   +     +     -        -        -      -      -       -      +             -               +
  listInvitations          +     +     -        -        -      -      -       +      +             +               +
  resendInvitation         +     +     -        -        -      -      -       -      +             -               o
  revokeInvitation         +     +     -        -        -      -      -       -      +             -               o
  getSso                   +     +     -        -        -      -      -       +      +             +               +
  putSso                   +     -     -        -        -      -      -       -      -             -               +
  deleteSso                +     -     -        -        -      -      -       -      +             -               +
  testSso                  +     +     -        -        -      -      -       -      -             -               +
  listPeople               -     -     -        -        -      -      -       -      +             +               -
  disablePerson            -     -     -        -        -      -      -       -      +             -               -
  enablePerson             -     -     -        -        -      -      -       -      +             -               -
  requirePasswordChange    -     -     -        -        -      -      -       -      +             -               -
  suspendMember            +     +     -        -        -      -      -       -      +             -               o
  resumeMember             +     +     -        -        -      -      -       -      +             -               o
  listTenants              +     +     +        +        +      +      +       +      +             +               +
  createTenant             -     -     -        -        -      -      -       -      +             -               -
  getTenant                +     +     +        +        +      +      +       +      +             +               o
  updateTenant             +     +     -        -        -      -      -       -      +             -               o
  deleteTenant             +     -     -        -        -      -      -       -      +             -               o
  listPlatformRoles        -     -     -        -        -      -      -       -      +             +               -
  givePlatformRole         -     -     -        -        -      -      -       -      +             -               -
  takePlatformRole         -     -     -        -        -      -      -       -      +             -               -
  listProjects             +     +     +        +        +      -      +       +      +             +               +
  createProject            +     +     -        -        -      -      -       -      -             -               +
  getProject               +     +     +        +        +      -      +       +      +             +               o
  updateProject            +     +     -        -        -      -      -       -      -             -               o
  deleteProject            +     +     -        -        -      -      -       -      -             -               o
  putProjectGrant          +     +     -        -        -      -      -       -      -             -               o
  deleteProjectGrant       +     +     -        -        -      -      -       -      -             -               o
  listInstances            +     +     +        +        +      +      +       +      +             +               +
  createInstance           +     +     +        -        -      -      +       -      -             -               +
  bulkInstances            +     +     +        +        +      +      +       -      -             -               +
  getInstance              +     +     +        +        +      o      +       +      +             +               o
  updateInstance           +     +     +        -        -      o      +       -      -             -               o
  destroyInstance          +     +     +        -        -      o      +       -      -             -               o
  startInstance            +     +     +        -        -      o      +       -      -             -               o
  stopInstance             +     +     +        -        -      o      +       -      -             -               o
  restartInstance          +     +     +        -        -      o      +       -      -             -               o
  killInstance             +     +     +        -        -      o      +       -      -             -               o
  rotateInstanceKey        +     +     +        -        -      o      +       -      -             -               o
  retryInstance            +     +     +        -        -      o      +       -      -             -               o
  listInstanceOperations   +     +     +        +        +      o      +       +      +             +               o
  getInstanceConfig        +     +     +        +        +      o      +       +      +             +               o
  openInstance             +     +     +        -        -      o      +       -      -             -               -
  getMyClaw                +     +     +        +        +      +      +       +      +             +               +
  createMyClaw             +     +     +        +        +      +      +       -      -             -               +
  getInstanceLogs          +     +     +        +        +      o      +       +      +             +               o
  streamInstanceLogs       +     +     +        +        +      o      +       +      +             +               o
  streamInstanceChat       +     +     +        -        -      o      +       -      -             -               o
  streamInstanceMetrics    +     +     +        +        +      o      +       +      +             +               o
  listLogArchives          +     +     +        +        +      o      +       +      +             +               o
  downloadLogArchive       +     +     +        +        +      o      +       +      +             +               o
  searchInstanceLogs       +     +     +        +        +      o      +       +      +             +               o
  listOperations           +     +     +        +        +      +      +       +      +             +               +
  getOperation             +     +     +        +        +      o      +       +      +             +               o
  retryNowOperation        +     +     +        -        -      o      +       -      -             -               o
  giveUpOperation          +     +     +        -        -      o      +       -      -             -               o
  cancelOperation          +     +     +        -        -      o      +       -      -             -               o
  listRollouts             +     +     +        +        +      -      -       +      +             +               +
  createRollout            +     +     +        -        -      -      -       -      -             -               +
  previewRollout           +     +     +        -        -      -      -       -      -             -               +
  getRollout               +     +     +        +        +      -      -       +      +             +               o
  listRolloutTargets       +     +     +        +        +      -      -       +      +             +               o
  approveRollout           +     +     -        +        -      -      -       -      -             -               o
  rejectRollout            +     +     -        +        -      -      -       -      -             -               o
  pauseRollout             +     +     +        -        -      -      -       -      -             -               o
  resumeRollout            +     +     +        -        -      -      -       -      -             -               o
  promoteRollout           +     +     -        +        -      -      -       -      -             -               o
  abortRollout             +     +     +        -        -      -      -       -      -             -               o
  rollbackRollout          +     +     +        -        -      -      -       -      -             -               o
  retryRollout             +     +     +        -        -      -      -       -      -             -               o
  listEvents               +     +     +        +        +      +      +       +      +             +               +
  listInstanceEvents       +     +     +        +        +      o      +       +      +             +               o
  listHosts                +     +     +        +        +      -      -       +      +             +               +
  getHost                  +     +     +        +        +      -      -       +      +             +               +
  endUnknownClaw           +     +     -        -        -      -      -       -      -             -               o
  listClawTypes            +     +     +        +        +      -      +       +      +             +               +
  createClawType           +     +     -        -        -      -      -       -      -             -               +
  deleteClawType           +     +     -        -        -      -      -       -      -             -               o
  listConfigs              +     +     +        +        +      -      +       +      +             +               +
  createConfig             +     +     +        -        -      -      -       -      +             -               +
  importConfig             +     +     +        -        -      -      -       -      +             -               +
  getConfig                +     +     +        +        +      -      +       +      +             +               o
  listConfigVersions       +     +     +        +        +      -      +       +      +             +               o
  saveConfigVersion        +     +     +        -        -      -      -       -      +             -               o
  getConfigVersion         +     +     +        +        +      -      +       +      +             +               o
  publishConfigVersion     +     +     +        -        -      -      -       -      +             -               o
  diffConfig               +     +     +        +        +      -      +       +      +             +               o
  listConfigInstances      +     +     +        +        +      -      +       +      +             +               o
  listConfigSecrets        +     +     +        +        +      -      -       +      +             +               +
  putConfigSecret          +     +     +        -        -      -      -       -      -             -               +
  deleteConfigSecret       +     +     -        -        -      -      -       -      -             -               o
  listProviders            +     +     +        +        +      -      +       +      +             +               +
  createProvider           +     +     -        -        -      -      -       -      -             -               +
  getProvider              +     +     +        +        +      -      +       +      +             +               o
  deleteProvider           +     +     -        -        -      -      -       -      -             -               o
  verifyProvider           +     +     +        -        -      -      -       -      -             -               o
  listModels               +     +     +        +        +      -      +       +      +             +               +
  getOverview              +     +     +        +        +      +      +       +      +             +               +
  getInstanceUsage         +     +     +        +        +      o      +       +      +             +               o
  getQuota                 +     +     +        +        +      -      +       +      +             +               +
  getTenantQuota           +     +     +        +        +      -      +       +      +             +               o
  putTenantQuota           -     -     -        -        -      -      -       -      +             -               -
  putProjectQuota          +     +     -        -        -      -      -       -      -             -               o
  getTenantPolicies        +     +     +        +        +      -      +       +      +             +               o
  putTenantPolicies        -     -     -        -        -      -      -       -      +             -               -
  putProjectPolicies       +     +     -        -        -      -      -       -      -             -               o
  listPlans                +     +     +        +        +      -      -       +      +             +               +
  putPlan                  -     -     -        -        -      -      -       -      +             -               -
  getTenantPlan            +     +     +        +        +      -      -       +      +             +               o
  putTenantPlan            -     -     -        -        -      -      -       -      +             -               -
  exportUsage              +     +     -        -        -      -      -       +      +             +               +
  exportUsageCsv           +     +     -        -        -      -      -       +      +             +               +
  getTopInstances          +     +     +        +        +      +      +       +      +             +               +
  getTopHosts              +     +     +        +        +      -      -       +      +             +               +
  getInstanceMetrics       +     +     +        +        +      o      +       +      +             +               o
  getHostMetrics           +     +     +        +        +      -      -       +      +             +               +
  getSystemHealth          +     +     +        +        +      -      -       +      +             +               +
  putLogLevel              -     -     -        -        -      -      -       -      +             -               -
  getTrace                 +     +     +        +        +      -      -       +      +             +               +
  getPreflight             +     +     +        +        +      -      -       +      +             +               +
  getSupportBundle         +     +     -        -        -      -      -       -      -             -               +
  listAudit                +     +     -        -        -      -      -       +      +             +               +
  exportAudit              +     +     -        -        -      -      -       +      +             +               +
  verifyAudit              +     +     -        -        -      -      -       +      +             +               +
  listKeyRotations         -     -     -        -        -      -      -       -      +             +               -
  createKeyRotation        -     -     -        -        -      -      -       -      +             -               -
`;

/** Who may do what: by operationId of the route, then by caller. */
export const ROLE_TABLE: ReadonlyMap<string, Readonly<Record<TableCaller, Verdict>> | 'anybody'> = new Map<
  string,
  Readonly<Record<TableCaller, Verdict>> | 'anybody'
>([...ANYBODY.map((id) => [id, 'anybody'] as const), ...ROWS.trim().split('\n').slice(1).map(readRow)]);

function readRow(line: string): readonly [string, Readonly<Record<TableCaller, Verdict>>] {
  const [id = '', ...signs] = line.trim().split(/ +/);
  if (signs.length !== CALLERS.length || signs.some((sign) => !SIGNS[sign])) throw new Error(`the row of ${id} is not one`);
  return [id, Object.fromEntries(CALLERS.map((caller, index) => [caller, SIGNS[signs[index] ?? '']])) as Record<TableCaller, Verdict>];
}
