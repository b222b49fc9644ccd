import pg from 'pg';
import { secretHash } from '../../../activities/platform/ids.ts';

/** Whether the API has seen the bridge with this token connect at or after `since`. False when the database does not answer. */
export async function isHostConnected(systemUrl: string, hostToken: string, since: Date): Promise<boolean> {
  const client = new pg.Client({ connectionString: systemUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = await client.query('SELECT 1 FROM host WHERE token_hash = $1 AND connected AND last_seen_at >= $2', [secretHash(hostToken), since]);
    return answer.rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
