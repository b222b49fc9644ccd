import { isIP, type LookupFunction } from 'node:net';
import type { OutboundGuard } from './outbound.ts';

/** Looks names up by the guard, so that a connection goes to the very addresses that it let through. */
export function guardedLookup(guard: OutboundGuard): LookupFunction {
  return (host, options, callback) => {
    guard.addresses(host).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = found;
        if (!first) callback(Object.assign(new Error(`${host} leads nowhere`), { code: 'ENOTFOUND' }), '');
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}
