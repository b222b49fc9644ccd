import type pg from 'pg';
import { PLATFORM_VERSION } from '../../activities/platform/process-facts.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { type Finding, fact, present } from './health.ts';
import type { ComponentHealth } from './system.schema.ts';

const LITTLE_DISK_BYTES = 2 * 2 ** 30;
/** The worst first; the page of hosts has the others. */
const HOSTS_MAX = 50;

interface HostRow {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly info: HostInfo | null;
  readonly strangers: readonly string[];
  readonly last_seen_at: Date | null;
  readonly created_at: Date;
  readonly instances: string;
}

/** What somebody sees of their own: hosts and providers of the tenant, and their API keys. `sql` runs as the tenant. */
export async function checkTenant(
  sql: pg.ClientBase,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
): Promise<ComponentHealth[]> {
  const { rows } = await sql.query<HostRow>(
    `SELECT h.id, h.name, h.connected, h.info, h.last_seen_at, h.created_at, r.instances,
       ARRAY(SELECT claw->>'slug' FROM jsonb_array_elements(h.unknown_claws) claw WHERE claw->>'tenantId' = $1) AS strangers
     FROM host h CROSS JOIN LATERAL host_reservations(h.id) r ORDER BY h.id`,
    [tenantId],
  );
  const hosts = rows.map(hostHealth);
  const wrongFirst = [...hosts].sort((one, other) => Number(one.status === 'ok') - Number(other.status === 'ok'));
  return [
    checkHosts(rows, hosts),
    ...wrongFirst.slice(0, HOSTS_MAX),
    present('providers', await checkProviders(sql)),
    present('api-keys', await checkApiKeys(sql, userId)),
  ];
}

function checkHosts(rows: readonly HostRow[], hosts: readonly ComponentHealth[]): ComponentHealth {
  const online = rows.filter(({ connected }) => connected).length;
  const known = rows.filter(({ info }) => info !== null).length;
  const facts = [...fact('online', online), ...fact('known', known)];
  if (online === 0)
    return present('hosts', { status: 'down', facts, message: 'No host is online.', nextStep: 'Start the bridge on a host.', command: 'npm run up' });
  if (online < known)
    return present('hosts', {
      status: 'degraded',
      facts,
      message: `${known - online} of ${known} hosts are offline.`,
      nextStep: 'Start the bridge on them.',
      command: 'npm run up',
    });
  const wrong = hosts.filter(({ status }) => status !== 'ok').length;
  if (wrong > 0) return present('hosts', { status: 'degraded', facts, message: wrong === 1 ? '1 host needs you.' : `${wrong} hosts need you.` });
  return present('hosts', { facts, message: online === 1 ? '1 host online' : `${online} hosts online` });
}

function hostHealth(row: HostRow): ComponentHealth {
  return { ...present('host', hostFinding(row)), host: { id: row.id, name: row.name } };
}

function hostFinding({ name, connected, info, strangers, last_seen_at, created_at, instances }: HostRow): Finding {
  const facts = [
    ...fact('instances', Number(instances)),
    ...fact('diskFree', info?.diskFreeBytes, 'bytes'),
    ...fact('memory', info?.memoryBytes, 'bytes'),
    ...fact('isolation', info?.isolation, 'text'),
    ...fact('node', info?.nodeVersion, 'text'),
    ...fact('lastSeen', last_seen_at?.toISOString(), 'time'),
    ...fact('tokenAge', Math.floor((Date.now() - created_at.getTime()) / 86_400_000), 'days'),
  ];
  const found: Finding = { facts, ...(info ? { version: info.bridgeVersion } : {}) };
  if (!info) return { ...found, status: 'degraded', message: 'It has never connected.', nextStep: 'Start the bridge on it.', command: 'npm run up' };
  if (!connected)
    return {
      ...found,
      status: 'down',
      since: last_seen_at,
      message: 'Its bridge is not connected.',
      nextStep: 'Start the bridge on that machine.',
      command: 'npm run up',
    };
  if (info.diskFreeBytes < LITTLE_DISK_BYTES)
    return {
      ...found,
      status: 'degraded',
      message: `Only ${Math.round(info.diskFreeBytes / 2 ** 20)} MiB of disk are free there.`,
      nextStep: 'Free disk, or destroy claws with their data.',
      command: 'claw destroy NAME --wipe',
    };
  if (strangers.length > 0)
    return {
      ...found,
      status: 'degraded',
      message: `Claws run there that the platform does not know: ${strangers.join(', ')}.`,
      nextStep: 'They are newer than the backup that was restored; end those you do not want, their data is kept.',
      command: `claw host end-claw ${name} ${strangers[0]}`,
    };
  if (info.bridgeVersion !== PLATFORM_VERSION)
    return {
      ...found,
      status: 'degraded',
      message: `Its bridge has version ${info.bridgeVersion}, the platform ${PLATFORM_VERSION}.`,
      nextStep: 'Start the bridge again with the new version; the claws run on.',
      command: 'npm run up',
    };
  return found;
}

async function checkProviders(sql: pg.ClientBase): Promise<Finding> {
  const { rows } = await sql.query<{ name: string; message: string | null }>(
    "SELECT name, error->>'message' AS message FROM provider WHERE state = 'failed' ORDER BY name LIMIT 100",
  );
  const count = await sql.query<{ count: number }>('SELECT count(*)::integer AS count FROM provider');
  const facts = [...fact('known', count.rows[0]?.count), ...fact('failed', rows.length)];
  const [failed] = rows;
  if (!failed) return { facts };
  return {
    status: 'degraded',
    facts,
    message:
      rows.length === 1
        ? `The credential of ${failed.name} does not work: ${failed.message ?? 'it was refused.'}`
        : `The credentials of ${rows.map(({ name }) => name).join(', ')} do not work.`,
    nextStep: 'Correct the credential, then verify it.',
    command: `claw provider verify ${failed.name}`,
  };
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly ends: boolean;
  readonly days_left: number | null;
}

async function checkApiKeys(sql: pg.ClientBase, userId: string): Promise<Finding> {
  const { rows } = await sql.query<KeyRow & { readonly total: number; readonly unused: number; readonly ending: number; readonly oldest: number }>(
    `SELECT id, name, ends, days_left, count(*) OVER ()::integer AS total, count(*) FILTER (WHERE NOT used) OVER ()::integer AS unused,
       count(*) FILTER (WHERE ends) OVER ()::integer AS ending, max(days) OVER () AS oldest
     FROM (SELECT id, name, floor(extract(epoch FROM now() - created_at) / 86400)::integer AS days,
             floor(extract(epoch FROM expires_at - now()) / 86400)::integer AS days_left,
             coalesce(expires_at < now() + interval '14 days', false) AS ends,
             coalesce(last_used_at, created_at) > now() - interval '90 days' AS used
           FROM api_key WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) keys
     ORDER BY ends DESC, used, days_left LIMIT 1`,
    [userId],
  );
  const [first] = rows;
  if (!first) return { facts: fact('known', 0) };
  const facts = [...fact('known', first.total), ...fact('ending', first.ending), ...fact('unused', first.unused), ...fact('oldestKey', first.oldest, 'days')];
  if (first.ending > 0)
    return {
      status: 'degraded',
      facts,
      message: `The API key “${first.name}” ends in ${first.days_left ?? 0} days${first.ending > 1 ? `, ${first.ending - 1} more within 14 days` : ''}.`,
      nextStep: 'Make another for whoever uses it, then revoke this one.',
      command: `claw api-key create ${quoted(first.name)}`,
    };
  // Nothing is wrong with it, it is only one key more that could be lost.
  if (first.unused > 0)
    return {
      facts,
      message: `The API key “${first.name}” was not used for 90 days${first.unused > 1 ? `, and ${first.unused - 1} more` : ''}.`,
      nextStep: 'Revoke it if nobody needs it.',
      command: `claw api-key revoke ${first.id}`,
    };
  return { facts };
}

/** A name as one word of a shell. */
const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
