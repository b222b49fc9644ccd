import { databaseUrls } from '../database/urls.ts';
import type { PartContext } from './part.ts';
import { bucketName } from './seaweedfs.ts';

/** Address under which people reach the portal. */
export function publicUrl(context: Pick<PartContext, 'port'>): string {
  return `http://localhost:${context.port('api')}`;
}

/** Address under which our own processes reach the API. */
export function apiUrl(context: Pick<PartContext, 'port'>): string {
  return `http://127.0.0.1:${context.port('api')}`;
}

/** Address of Temporal's own page. */
export function temporalUiUrl(context: Pick<PartContext, 'port'>): string {
  return `http://localhost:${context.port('temporalUi')}`;
}

/** Where Prometheus can read, by the part that shows it; the worker's second is that of the workflow engine's SDK. */
const METRICS_PORTS = { api: ['apiMetrics'], worker: ['workerMetrics', 'workerEngineMetrics'], temporal: ['temporalMetrics'] } as const;

/** Addresses of the metrics of the parts that `has` names. */
export function metricsUrls(context: Pick<PartContext, 'port'>, has: (part: string) => boolean): string[] {
  return Object.entries(METRICS_PORTS).flatMap(([part, names]) => (has(part) ? names.map((name) => `http://127.0.0.1:${context.port(name)}/metrics`) : []));
}

/** Models that run on this machine, such as Ollama's, may be used. */
export const OUTBOUND_ALLOW = '127.0.0.0/8 ::1';

/** Where LiteLLM's connections go through, with the password that the egress asks for: never print it. An operator's own proxy stays. */
export function waysOut(context: Pick<PartContext, 'port' | 'secrets'>, own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (Object.keys(own).some((name) => /^(https?|all)_proxy$/i.test(name) && own[name])) return {};
  const egress = `http://litellm:${context.secrets.litellmMasterKey}@127.0.0.1:${context.port('egress')}`;
  return { HTTP_PROXY: egress, HTTPS_PROXY: egress, NO_PROXY: undefined, no_proxy: undefined };
}

/** Environment shared by the API and the worker. It holds secrets: never print it. */
export function serverEnvironment(context: PartContext): NodeJS.ProcessEnv {
  const urls = databaseUrls(context);
  return {
    OUTBOUND_ALLOW,
    ...process.env,
    NODE_ENV: 'production',
    CLAWLOOPS_DATA_DIR: context.homes.dataDir,
    DATABASE_URL: urls.app,
    DATABASE_URL_SYSTEM: urls.system,
    TEMPORAL_ADDRESS: `127.0.0.1:${context.port('temporal')}`,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_UI_URL: temporalUiUrl(context),
    CLAWLOOPS_KEY_FILE: context.secrets.keyFile,
    LITELLM_URL: `http://127.0.0.1:${context.port('litellm')}`,
    LITELLM_MASTER_KEY: context.secrets.litellmMasterKey,
    S3_ENDPOINT: `http://127.0.0.1:${context.port('s3')}`,
    S3_ACCESS_KEY: context.secrets.s3.accessKey,
    S3_SECRET_KEY: context.secrets.s3.secretKey,
    S3_BUCKET: bucketName,
    AUTH_SECRET: context.secrets.authSecret,
    SERVICE_TOKEN: context.secrets.serviceToken,
    API_URL: apiUrl(context),
    PUBLIC_URL: publicUrl(context),
    ...context.extraEnv,
  };
}
