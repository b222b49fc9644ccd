import type { ClawAdapter } from '../adapter.ts';
import { secretsOf } from './channels.ts';
import { type OpenClawConfig, openClawConfigSchema, parseOpenClawConfig } from './config.ts';
import { ENTRY_KEY_ENV, ENTRY_ORIGIN, MAIN_AGENT, PERSON_SCOPES } from './fleet-config.ts';
import { openClawNativeCheck } from './native-check.ts';
import { GATEWAY_PORT, renderOpenClaw } from './render.ts';
import { OPENCLAW_VERSIONS, runtimeOf } from './versions.ts';

/** OpenClaw: one gateway process per instance, state in SQLite, so exactly one replica. */
export const openClawAdapter: ClawAdapter<OpenClawConfig> = {
  type: 'openclaw',
  versions: OPENCLAW_VERSIONS,
  maxReplicas: 1,
  portNames: [GATEWAY_PORT],
  defaultResources: { cpu: '1', memory: '2Gi', storage: '10Gi' },
  configSchema: openClawConfigSchema,
  control: 'openclaw',
  chat: { port: GATEWAY_PORT, path: '/v1/chat/completions', model: `openclaw/${MAIN_AGENT}` },
  page: {
    port: GATEWAY_PORT,
    entryKeyEnv: ENTRY_KEY_ENV,
    origin: ENTRY_ORIGIN,
    // Of its control surface the claw asks no more than that somebody is known.
    closed: ['/api/v1/admin'],
    // Elsewhere it takes a person for an administrator unless it is told less.
    headers: { 'x-openclaw-scopes': PERSON_SCOPES.join(',') },
  },
  ack: { type: 'openclaw' },
  modelKeyDelivery: 'dial',
  parseConfig(version, overrides) {
    runtimeOf(version);
    return parseOpenClawConfig(overrides);
  },
  secretsIn: ({ channels }) => secretsOf(channels),
  render: renderOpenClaw,
  nativeCheck: (_version, rendered) => openClawNativeCheck(rendered),
};
