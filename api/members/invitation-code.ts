import { newSecret } from '../../activities/platform/ids.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';

const FORM = /^inv_([0-9a-hjkmnp-tv-z]{20})_([A-Za-z0-9_-]{43})$/;

/** What the code of a link says: which invitation, and the secret whose hash its row holds. */
export interface InvitationCode {
  readonly id: string;
  readonly secret: string;
}

/** A new secret for an invitation, and the code that carries both: `inv_<id body>_<secret>`. */
export function newInvitationCode(id: string): { readonly secret: string; readonly code: string } {
  const secret = newSecret();
  return { secret, code: `${id}_${secret}` };
}

/** Reads a code as a person may have copied it; null when it is none. */
export function parseInvitationCode(text: string): InvitationCode | null {
  const [, body, secret] = FORM.exec(text.trim()) ?? [];
  return body && secret ? { id: `${IdPrefix.invitation}_${body}`, secret } : null;
}

/** The link to hand over. What stands behind the # is never sent to a server by a browser. */
export function invitationLink(publicUrl: string, code: string): string {
  return `${new URL('/invite', publicUrl).href}#${code}`;
}
