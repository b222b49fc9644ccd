import type { SsoConnection, SsoRole, SsoSettings, SsoTrial } from '../../api/sso.ts';

/** What the form holds. Texts are as they were typed. */
export interface SsoDraft {
  name: string;
  issuer: string;
  clientId: string;
  /** Empty: the one that is kept stays. */
  clientSecret: string;
  scopes: string[];
  domains: string[];
  groupsClaim: string;
  groupRoles: { group: string; role: SsoRole }[];
  defaultRole: SsoRole | typeof NOBODY;
  enabled: boolean;
  enforced: boolean;
}

/** In place of a role: they do not come in. */
export const NOBODY = 'nobody';
/** From the one that may most to the one that may least. */
export const SSO_ROLES: readonly SsoRole[] = ['admin', 'operator', 'approver', 'member', 'viewer'];

export function draftOf(connection: SsoConnection | null): SsoDraft {
  if (connection === null) {
    const nothing = { name: '', issuer: '', clientId: '', clientSecret: '', domains: [], groupsClaim: '', groupRoles: [] };
    return { ...nothing, scopes: ['openid', 'profile', 'email'], defaultRole: 'member', enabled: true, enforced: false };
  }
  const { name, issuer, clientId, scopes, domains, groupsClaim, groupRoles, defaultRole, enabled, enforced } = connection;
  return {
    ...{ name, issuer, clientId, clientSecret: '', scopes: [...scopes], domains: [...domains], enabled, enforced },
    groupsClaim: groupsClaim ?? '',
    groupRoles: groupRoles.map((one) => ({ ...one })),
    defaultRole: defaultRole ?? NOBODY,
  };
}

/** What the API is sent. Rows without a group are left out, and domains may be typed with an @ and in capitals. */
export function settingsOf(draft: SsoDraft): SsoSettings {
  const { name, domains, groupsClaim, groupRoles, defaultRole, enabled, enforced } = draft;
  return {
    ...trialOf(draft),
    scopes: draft.scopes,
    name: name.trim(),
    domains: [...new Set(domains.map((domain) => domain.trim().replace(/^@/, '').toLowerCase()))],
    groupsClaim: groupsClaim.trim() || null,
    groupRoles: groupRoles.map(({ group, role }) => ({ group: group.trim(), role })).filter(({ group }) => group !== ''),
    defaultRole: defaultRole === NOBODY ? null : defaultRole,
    enabled,
    enforced,
  };
}

/** The part of it that can be tried. */
export function trialOf({ issuer, clientId, clientSecret, scopes }: SsoDraft): SsoTrial {
  return { issuer: issuer.trim(), clientId: clientId.trim(), scopes, ...(clientSecret === '' ? {} : { clientSecret }) };
}

/** Whether enough is there to try it, and to keep it. */
export function isTriable({ issuer, clientId }: SsoDraft): boolean {
  return URL.canParse(issuer.trim()) && clientId.trim() !== '';
}

export function isComplete(draft: SsoDraft): boolean {
  return isTriable(draft) && draft.name.trim() !== '' && draft.domains.length > 0;
}

/** The field of the form that an error of the API is about, e.g. `/domains/1` -> `domains`. */
export function fieldOf(path: string): string {
  return path.split('/')[1] ?? '';
}
