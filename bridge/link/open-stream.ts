import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamOpen } from '../../workflows/contracts/bridge-protocol.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { readSince, tailLog } from '../claw/log-file.ts';
import { belongsTo } from '../claw/probes.ts';
import { clawFolders } from '../files/folders.ts';
import { SecretHider } from '../logs/hide-secrets.ts';
import type { LogSpool } from '../logs/spool.ts';
import { streamPieces } from '../logs/stream-pieces.ts';
import type { Supervisor } from '../supervisor.ts';
import type { ByteStream } from '../wire/byte-stream.ts';

/** What streams may lead to: the claws of this host and nothing else. */
export interface StreamTargets {
  readonly dataDir: string;
  readonly uidBase: number | null;
  readonly supervisor: Supervisor;
  readonly spool: Pick<LogSpool, 'open'>;
}

const CONNECT_MILLISECONDS = 5_000;
const FOLLOW_MILLISECONDS = 300;
const READ_BYTES = 256 * 1024;

/** Connects a stream with what it asks for; `open` makes our end once that is there. Throws when it is not. */
export async function openTarget(target: StreamOpen['target'], targets: StreamTargets, open: () => ByteStream): Promise<void> {
  const workload = targets.supervisor.workload(target.instanceId);
  if (!workload) throw new Failure('NOT_FOUND', 'This host has no such claw.');
  // Asked for anew whenever something is shown: a key may be changed while its log is followed.
  const secrets = (): string[] => (targets.supervisor.workload(target.instanceId) ?? workload).secretEnv.map(({ value }) => value);
  if (target.kind === 'logs') {
    void followLog({ file: clawFolders(targets.dataDir, workload.slug).log, secrets, ...target }, open());
    return;
  }
  if (target.kind === 'log-pieces') {
    void streamPieces(
      { file: clawFolders(targets.dataDir, workload.slug).log, instanceId: target.instanceId, secrets: secrets(), spool: targets.spool },
      open(),
    );
    return;
  }
  const port = workload.ports[target.port];
  if (port === undefined) throw new Failure('NOT_FOUND', `The claw has no port named "${target.port}".`);
  const ownerId = targets.uidBase === null ? null : targets.uidBase + workload.slot;
  // Whoever else listens there must not be taken for the claw.
  if (!targets.supervisor.isRunning(target.instanceId) || !belongsTo(port, ownerId)) throw new Failure('GATEWAY_UNAVAILABLE', 'The claw is not running.');
  await dial(port, open);
}

function dial(port: number, open: () => ByteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const refuse = (why: string): void => {
      socket.destroy();
      reject(new Failure('GATEWAY_UNAVAILABLE', `The claw does not take connections (${why}).`));
    };
    const timer = setTimeout(() => refuse('too slow'), CONNECT_MILLISECONDS);
    socket.once('error', (error: NodeJS.ErrnoException) => refuse(error.code ?? error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      const stream = open();
      // Each direction ends for itself; a break in one breaks both.
      pipeline(socket, stream, (error) => error && socket.destroy());
      pipeline(stream, socket, (error) => error && stream.destroy());
      resolve();
    });
  });
}

interface Followed {
  readonly file: string;
  readonly tailLines: number;
  readonly follow: boolean;
  secrets(): readonly string[];
}

async function followLog({ file, tailLines, follow, secrets }: Followed, stream: ByteStream): Promise<void> {
  stream.on('error', () => undefined);
  stream.resume();
  const hider = new SecretHider(secrets);
  const { content, position } = tailLog(file, tailLines);
  await write(stream, hider.take(content));
  while (follow && !stream.destroyed) {
    const more = readSince(file, position, READ_BYTES);
    await write(stream, more.length > 0 ? hider.take(more) : hider.pause());
    if (more.length === 0) await delay(FOLLOW_MILLISECONDS);
  }
  await write(stream, hider.end());
  stream.end();
}

function write(stream: ByteStream, content: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (content.length === 0 || stream.destroyed) resolve();
    else stream.write(content, () => resolve());
  });
}
