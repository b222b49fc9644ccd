import { LOOPBACK } from '../http/origins.ts';

/** Where people reach the web pages of claws: each at an origin of its own, `<scheme>://<slug>.<base domain>[:port]`. */
export interface ClawAddresses {
  /** All of these origins as a source of a Content-Security-Policy, e.g. `https://*.claws.example.com`. */
  readonly pattern: string;
  /** Whether they are reached by https. */
  readonly secure: boolean;
  originOf(slug: string): string;
  /** Whether a host, with or without a port, is one of claws or could be: it lies below the base domain and is not the portal's. */
  holds(host: string | undefined): boolean;
  /** The slug that a host stands for, or null. Whether there is such a claw it does not know. */
  slugOf(host: string | undefined): string | null;
}

const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Addresses below `clawsUrl`, e.g. `https://claws.example.com`. Without it a portal on this machine has them below `localhost`, which
 * browsers know to be this machine; any other portal has none, because only its operator knows a domain for them.
 */
export function clawAddresses({ publicUrl, clawsUrl }: { readonly publicUrl: string; readonly clawsUrl?: string | undefined }): ClawAddresses | null {
  const portal = new URL(publicUrl);
  const base = clawsUrl ? new URL(clawsUrl) : LOOPBACK.includes(portal.hostname) ? new URL(`${portal.protocol}//localhost:${portal.port}`) : null;
  if (!base) return null;
  const port = base.port ? `:${base.port}` : '';
  const suffix = `.${base.hostname}`;
  const nameOf = (host: string | undefined): string | null => {
    const name = host?.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
    return name?.endsWith(suffix) && name !== portal.hostname ? name.slice(0, -suffix.length) : null;
  };
  return {
    pattern: `${base.protocol}//*${suffix}${port}`,
    secure: base.protocol === 'https:',
    originOf: (slug) => `${base.protocol}//${slug}${suffix}${port}`,
    holds: (host) => nameOf(host) !== null,
    slugOf: (host) => {
      const name = nameOf(host);
      return name !== null && SLUG.test(name) ? name : null;
    },
  };
}
