import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { answersHttp } from '../supervisor/health.ts';
import { resolveTool } from '../tools/resolve.ts';
import type { ServicePart } from './part.ts';

/** Name of the bucket that the platform keeps its objects in. */
export const bucketName = 'clawloops';

/** Every listener of SeaweedFS and the option that sets it; all are loopback. */
const listeners = {
  s3: 's3.port',
  s3Grpc: 's3.port.grpc',
  s3Master: 'master.port',
  s3MasterGrpc: 'master.port.grpc',
  s3Filer: 'filer.port',
  s3FilerGrpc: 'filer.port.grpc',
  s3Volume: 'volume.port',
  s3VolumeGrpc: 'volume.port.grpc',
  s3Admin: 'admin.port',
  s3AdminGrpc: 'admin.port.grpc',
} as const;

/** SeaweedFS as a single process that speaks the S3 API. */
export const seaweedfsPart: ServicePart = {
  kind: 'service',
  name: 'seaweedfs',
  title: 'Object store',
  needs: [],
  ports: Object.keys(listeners),
  async plan(context, report) {
    const tool = await resolveTool('seaweedfs', report);
    const folder = join(context.homes.dataDir, 'objects');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const health = `http://127.0.0.1:${context.port('s3')}/healthz`;
    return {
      command: tool.path,
      args: [
        'mini',
        `-dir=${folder}`,
        '-ip=127.0.0.1',
        '-ip.bind=127.0.0.1',
        '-webdav=false',
        '-admin.ui=false',
        '-s3.port.iceberg=0',
        '-s3.port.lance=0',
        // It would report statistics to its makers.
        '-master.telemetry=false',
        '-filer.exposeDirectoryData=false',
        `-bucket=${bucketName}`,
        ...Object.entries(listeners).map(([name, option]) => `-${option}=${context.port(name)}`),
        ...localSockets(folder),
      ],
      env: { ...process.env, AWS_ACCESS_KEY_ID: context.secrets.s3.accessKey, AWS_SECRET_ACCESS_KEY: context.secrets.s3.secretKey },
      cwd: folder,
      ready: () => answersHttp(health),
      stopSignal: 'SIGTERM',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
      advice: 'Check free disk space, then try again.',
      version: tool.version,
      source: tool.source,
    };
  },
};

/** Keeps its sockets out of the shared temporary folder where the path fits: the system allows about 104 characters. */
function localSockets(folder: string): string[] {
  const sockets = { 's3.localSocket': join(folder, 's3.sock'), 'filer.localSocket': join(folder, 'filer.sock') };
  if (Object.values(sockets).some((path) => Buffer.byteLength(path) > 100)) return [];
  return Object.entries(sockets).map(([option, path]) => `-${option}=${path}`);
}
