import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { Failure } from '../../workflows/contracts/failures.ts';

/** Decides where the platform may connect to on somebody's word. */
export interface OutboundGuard {
  /**
   * Throws VALIDATION_FAILED when the address is one of the platform's own surroundings, by its form or by what its name leads to now. A
   * name that leads nowhere passes: it harms nobody, and may lead somewhere tomorrow. `path`: the field that it came in.
   */
  check(url: string, path?: string): Promise<void>;
  /** The addresses of a host, all of which may be connected to now; none when it leads nowhere. Throws like {@link check}. */
  addresses(host: string, path?: string): Promise<readonly string[]>;
}

export interface OutboundOptions {
  /** What is let through all the same: hosts by name, addresses, and subnets such as `10.0.0.0/8`. */
  readonly allow: readonly string[];
  /** The addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** Where clouds tell every program of a machine its credentials; nobody can let these through. */
const NEVER = listOf(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254']);
const NEVER_NAMES = ['metadata.google.internal'];

/** Addresses that mean something else for everybody: private, of this machine, of nobody. */
const PRIVATE = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  '64:ff9b::/96',
  '2002::/16',
  'fc00::/7',
  'ff00::/8',
]);

/** A guard with what an operator lets through. */
export function createOutboundGuard({ allow, resolve = resolveName }: OutboundOptions): OutboundGuard {
  const names = new Set(allow.filter((one) => !isAddress(one)).map((one) => one.toLowerCase()));
  const allowed = listOf(allow.filter(isAddress));
  const mayReach = (host: string, found: readonly string[]): boolean => {
    if (NEVER_NAMES.includes(host) || found.some((address) => isIn(NEVER, address))) return false;
    return names.has(host) || !found.some((address) => isIn(PRIVATE, address) && !isIn(allowed, address));
  };
  const addresses = async (host: string, path = '/baseUrl'): Promise<readonly string[]> => {
    const found = isIP(host) === 0 ? await resolve(host) : [host];
    if (mayReach(host, found)) return found;
    const message = `${host} is an address of this network or machine, which an operator has not let through`;
    throw new Failure('VALIDATION_FAILED', message, {
      errors: [{ path, message }],
      nextStep: 'Take a public address, or ask an operator to add it to OUTBOUND_ALLOW.',
    });
  };
  return {
    addresses,
    check: async (url, path) => {
      await addresses(hostOf(new URL(url)), path);
    },
  };
}

/** The host of an address as it is looked up: without the brackets of IPv6 and the dot of the root. */
export function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function isAddress(text: string): boolean {
  return isIP(text.split('/', 1)[0] ?? '') !== 0;
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Node reads an IPv4 address that is written as an IPv6 one by itself. */
function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function resolveName(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
