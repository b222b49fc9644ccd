import { isPlainObject } from '../canonical.ts';

/** A part of the claw's own configuration that the platform writes; `instead` names the setting a person uses for it. */
interface OwnedPath {
  readonly path: readonly string[];
  readonly instead?: string;
}

const owned = (path: string, instead?: string): OwnedPath => ({ path: path.split('.'), instead });

const OWNED: readonly OwnedPath[] = [
  owned('$schema'),
  owned('$include'),
  owned('meta'),
  owned('wizard'),
  owned('gateway'),
  owned('models'),
  owned('secrets'),
  owned('update'),
  owned('telemetry'),
  owned('discovery'),
  owned('env'),
  owned('proxy'),
  owned('plugins.enabled'),
  owned('plugins.allow'),
  owned('plugins.deny'),
  owned('plugins.load'),
  owned('plugins.entries.admin-http-rpc'),
  owned('plugins.entries.clawloops-instructions', 'agent.instructions'),
  owned('plugins.entries.bonjour'),
  owned('skills.entries.clawloops-revision'),
  owned('agents.ownership'),
  owned('agents.defaults.workspace'),
  owned('agents.defaults.systemAgent'),
  owned('agents.defaults.model', 'model.name'),
  owned('agents.defaults.timeoutSeconds', 'agent.timeoutSeconds'),
  owned('agents.defaults.maxConcurrent', 'agent.maxConcurrent'),
  owned('agents.defaults.skipBootstrap'),
  owned('agents.entries.main.name', 'agent.name'),
  owned('agents.entries.main.workspace'),
  owned('agents.entries.main.agentDir'),
  owned('agents.entries.main.model', 'model.name'),
  owned('tools.profile', 'tools.profile'),
  owned('tools.exec.mode', 'tools.exec'),
  owned('logging.level', 'logging.level'),
  owned('logging.consoleLevel', 'logging.level'),
  owned('logging.consoleStyle'),
  owned('logging.file'),
  owned('logging.maxFileBytes'),
];

/** Names under which the platform keeps secrets of a claw; a setting may not read them out. */
const RESERVED_SECRET = /^(OPENCLAW_|LITELLM_KEY$|CLAWLOOPS_)/i;

/**
 * Why a raw path may not be set, or null when it may. A path above an owned one is refused too, since replacing it would drop
 * what the platform wrote below.
 */
export function ownedBecause(path: readonly string[]): string | null {
  const hit = OWNED.find((candidate) => startsWith(path, candidate.path) || startsWith(candidate.path, path));
  if (!hit) return null;
  const name = hit.path.join('.');
  if (hit.instead) return `${name} is written by the platform: use the setting ${hit.instead}`;
  return startsWith(path, hit.path)
    ? `${name} belongs to the platform and cannot be set`
    : `${path.join('.')} holds ${name}, which belongs to the platform: set the other parts one by one`;
}

/** Path inside a value of a reference to one of the platform's own secrets, or null. */
export function reservedSecretIn(value: unknown, at: readonly string[] = []): readonly string[] | null {
  if (Array.isArray(value)) return firstHit(value.entries(), at);
  if (!isPlainObject(value)) return null;
  if (typeof value['source'] === 'string' && typeof value['id'] === 'string' && RESERVED_SECRET.test(value['id'])) return [...at, 'id'];
  return firstHit(Object.entries(value), at);
}

function firstHit(members: Iterable<[string | number, unknown]>, at: readonly string[]): readonly string[] | null {
  for (const [key, member] of members) {
    const hit = reservedSecretIn(member, [...at, String(key)]);
    if (hit) return hit;
  }
  return null;
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((segment, index) => path[index] === segment);
}
