import type { ClawAdapter } from '../adapter.ts';
import { type OpenClawConfig, openClawConfigSchema, parseOpenClawConfig } from './config.ts';
import { MAIN_AGENT } from './fleet-config.ts';
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
  ack: { type: 'openclaw' },
  modelKeyDelivery: 'dial',
  parseConfig(version, overrides) {
    runtimeOf(version);
    return parseOpenClawConfig(overrides);
  },
  render: renderOpenClaw,
  nativeCheck: (_version, rendered) => openClawNativeCheck(rendered),
};
