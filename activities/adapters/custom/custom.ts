import type { ClawTypeManifest, ClawTypeVersion } from '../../../workflows/contracts/claw-type.ts';
import { Failure } from '../../../workflows/contracts/failures.ts';
import type { RuntimeRef } from '../../../workflows/contracts/workload.ts';
import type { ClawAdapter, ClawPage } from '../adapter.ts';
import { compileConfigSchema, parseCustomConfig } from './config-schema.ts';
import { renderCustom } from './render.ts';

/** Settings of a custom claw: whatever its manifest's schema allows. */
export type CustomConfig = Readonly<Record<string, unknown>>;

const NODE_RANGE = '>=20';

/** The adapter that a registered manifest describes. The manifest must come from `parseManifest`, now or when it was stored. */
export function customAdapter(manifest: ClawTypeManifest): ClawAdapter<CustomConfig> {
  const { spec, metadata } = manifest;
  const compiled = compileConfigSchema(spec.configSchema);
  if (!compiled.ok) throw new Failure('VALIDATION_FAILED', compiled.message, { errors: [{ path: '/spec/configSchema', message: compiled.message }] });
  const chat = spec.chat?.openai;
  return {
    type: metadata.name,
    versions: spec.versions.map(({ version }) => version),
    maxReplicas: spec.maxReplicas ?? 1,
    portNames: spec.ports.map(({ name }) => name),
    defaultResources: { cpu: '250m', memory: '256Mi', storage: '1Gi' },
    configSchema: spec.configSchema ?? { type: 'object', additionalProperties: false },
    control: 'manifest',
    chat: chat ? { port: chat.port, path: chat.path, model: metadata.name } : null,
    page: pageOf(manifest),
    ack: ackOf(manifest),
    modelKeyDelivery: (spec.env ?? []).some(({ secret }) => secret === 'modelKey') ? 'env' : 'none',
    parseConfig(version, overrides) {
      versionOf(manifest, version);
      return parseCustomConfig(compiled.validate, overrides);
    },
    secretsIn: () => [],
    render: (version, config, facts) => {
      const chosen = versionOf(manifest, version);
      return renderCustom(manifest, chosen, runtimeOf(metadata.name, chosen), config, facts);
    },
    nativeCheck: () => null,
  };
}

function pageOf({ spec: { ui, env = [] } }: ClawTypeManifest): ClawPage | null {
  if (!ui) return null;
  return { port: ui.port, entryKeyEnv: env.find(({ secret }) => secret === 'entryKey')?.name ?? null, origin: null, closed: [], headers: {} };
}

/** An annotation exists on clusters only; elsewhere readiness is the proof. */
function ackOf({ spec: { ack } }: ClawTypeManifest): ClawAdapter['ack'] {
  return ack?.type === 'http' && ack.port !== undefined && ack.path !== undefined ? { type: 'http', port: ack.port, path: ack.path } : { type: 'none' };
}

function versionOf({ spec, metadata }: ClawTypeManifest, version: string): ClawTypeVersion {
  const found = spec.versions.find((candidate) => candidate.version === version);
  if (found) return found;
  const versions = spec.versions.map((candidate) => candidate.version);
  throw new Failure('UNKNOWN_VERSION', `${metadata.name} has no version ${JSON.stringify(version.slice(0, 40))} here.`, {
    errors: [{ path: '/spec/version', message: `one of ${versions.join(', ')}` }],
    versions,
  });
}

function runtimeOf(type: string, { version, install, command }: ClawTypeVersion): RuntimeRef {
  const needsNode = install?.npm !== undefined || command[0] === 'node';
  return { type, version, install: install ?? null, node: needsNode ? NODE_RANGE : null };
}
