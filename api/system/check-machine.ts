import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import type pg from 'pg';
import { readKeyRing } from '../../activities/platform/secrets.ts';
import { type Finding, fact } from './health.ts';

const LITTLE_DISK_BYTES = 2 * 2 ** 30;
const DAY_MS = 86_400_000;
const KEY_DAYS = 365;
const CERTIFICATE_DAYS = 21;
const LAST_DAYS = 7;
const TLS_MS = 3000;

/** The disk that holds the keys, which is that of the data folder. */
export async function checkDisk(keyFile: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(path.dirname(keyFile));
  const free = bavail * bsize;
  const facts = [...fact('diskFree', free, 'bytes'), ...fact('diskTotal', blocks * bsize, 'bytes')];
  if (free >= LITTLE_DISK_BYTES) return { facts };
  return {
    status: 'degraded',
    facts,
    message: `Only ${Math.round(free / 2 ** 20)} MiB of disk are free where the data of the platform is.`,
    nextStep: 'Free disk there; a database without room stops.',
    command: 'df -h',
  };
}

/** The keys that secrets are sealed with. */
export async function checkEncryptionKey(keyFile: string, pool: Pick<pg.Pool, 'query'>): Promise<Finding> {
  const [ring, { mtime, mode }] = await Promise.all([Promise.resolve().then(() => readKeyRing(keyFile)), stat(keyFile)]);
  const { rows } = await pool.query<{ id: string; created_at: Date }>('SELECT id, created_at FROM data_key ORDER BY created_at DESC, id DESC');
  const since = rows[0]?.created_at ?? mtime;
  const days = Math.floor((Date.now() - since.getTime()) / DAY_MS);
  const current = rows[0]?.id ?? ring.current;
  const found: Finding = {
    since,
    facts: [...fact('keys', ring.keys.size + rows.length), ...fact('currentKey', current, 'text'), ...fact('age', days, 'days')],
  };
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return {
      ...found,
      status: 'degraded',
      message: 'The key file can be read by other users of its machine.',
      nextStep: 'Take their rights away.',
      command: 'chmod 600 "$CLAWLOOPS_KEY_FILE"',
    };
  if (days < KEY_DAYS) return found;
  return {
    ...found,
    message: `The current key is ${days} days old.`,
    nextStep: 'Rotate the keys; nothing stops meanwhile.',
    command: 'claw keys rotate',
  };
}

/** The certificate that people's browsers are shown. */
export async function checkCertificate(publicUrl: string): Promise<Finding> {
  const validTo = await endOfCertificate(new URL(publicUrl));
  const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS);
  const found: Finding = { facts: [...fact('validUntil', validTo.toISOString(), 'time'), ...fact('daysLeft', days, 'days')] };
  if (days > CERTIFICATE_DAYS) return found;
  return {
    ...found,
    status: days < LAST_DAYS ? 'down' : 'degraded',
    message: days < 0 ? 'The certificate has ended.' : `The certificate ends in ${days} days.`,
    nextStep: 'Renew it where the public address is served.',
    command: `curl -vI ${publicUrl}`,
  };
}

function endOfCertificate({ hostname, port }: URL): Promise<Date> {
  return new Promise((resolve, reject) => {
    // Nothing is sent and nothing is trusted: only the date is read, of one that has ended as well.
    const socket = connect({ host: hostname, port: Number(port) || 443, servername: hostname, rejectUnauthorized: false, timeout: TLS_MS }, () => {
      resolve(new Date(socket.getPeerCertificate().valid_to));
      socket.end();
    });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('late')));
  });
}
