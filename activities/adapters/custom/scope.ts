import type { RuntimeFacts } from '../adapter.ts';
import type { TemplateScope } from './template.ts';

const INSTANCE_FIELDS = ['id', 'name', 'slug'];
/** The host puts the real folders in place of these. */
const PATHS = { config: '${CONFIG_DIR}', data: '${DATA_DIR}', logs: '${LOG_DIR}', runtime: '${RUNTIME_DIR}' };
const GATEWAY_FIELDS = ['url', 'models'];

/** What templates of a claw can look up. `revision` is the hash of its files, which the claw answers where `ack` asks for it. */
export function scopeOf(config: Readonly<Record<string, unknown>>, facts: RuntimeFacts, revision: string): TemplateScope {
  return {
    config,
    ports: facts.ports,
    instance: facts.instance,
    paths: PATHS,
    gateway: { url: facts.modelGatewayUrl, models: facts.models.map(({ id }) => id) },
    memory: { bytes: facts.memoryBytes },
    revision,
  };
}

/** Why a lookup can never have a value, or null. */
export function lookupProblem(path: readonly string[], ports: readonly string[]): string | null {
  const [root = '', field] = path;
  if (root === 'config' || (root === 'revision' && field === undefined)) return null;
  const fields = fieldsOf(root, ports);
  if (!fields) return `there is no ${root}; lookups start with config, ports, instance, paths, gateway, memory or are revision`;
  if (field !== undefined && fields.includes(field) && path.length === 2) return null;
  return `there is no ${path.join('.')}; ${root} has ${fields.join(', ')}`;
}

function fieldsOf(root: string, ports: readonly string[]): readonly string[] | null {
  if (root === 'ports') return ports;
  if (root === 'instance') return INSTANCE_FIELDS;
  if (root === 'paths') return Object.keys(PATHS);
  if (root === 'gateway') return GATEWAY_FIELDS;
  return root === 'memory' ? ['bytes'] : null;
}
