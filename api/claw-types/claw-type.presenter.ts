import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import type { ClawTypeView } from './claw-type.schema.ts';

export function presentClawType(adapter: ClawAdapter, source: ClawTypeView['source']): ClawTypeView {
  return {
    name: adapter.type,
    source,
    versions: [...adapter.versions],
    defaultVersion: adapter.versions[0] ?? '',
    defaultResources: { ...adapter.defaultResources },
    maxReplicas: adapter.maxReplicas,
    configSchema: { ...adapter.configSchema },
    chat: adapter.chat !== null,
  };
}
