import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Nothing from other origins, no inline script. Inline styles stay allowed: components compute positions and sizes. `claws`: where codes for
 * the pages of claws are handed over.
 */
export function securityHeaders(publicUrl: string, claws: { readonly pattern: string } | null): RequestHandler {
  const secure = publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'", ...(claws ? [claws.pattern] : [])],
        frameAncestors: ["'none'"],
        ...(secure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: secure,
    // Browsers honour it only on a trustworthy origin and complain elsewhere.
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
    referrerPolicy: { policy: 'no-referrer' },
  });
}
