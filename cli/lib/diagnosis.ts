import type { components } from '../../frontend/src/api/schema.d.ts';
import type { HostView } from '../../workflows/contracts/host.ts';
import { type CliError, ExitCode } from './errors.ts';
import type { HealthFact } from './facts.ts';
import type { Target } from './profile.ts';
import { bytes, span } from './text.ts';

type Schemas = components['schemas'];
type Status = Schemas['HealthStatus'];

/** What a question was answered with, and after how long. */
export type Observed<T> = { readonly value: T; readonly ms: number } | { readonly error: CliError };

/** What `claw doctor` looked at. Null: not asked, because what comes before it failed. */
export interface Observations {
  readonly claw: { readonly version: string; readonly runtime: string };
  /** Permission bits of the file of profiles, null when there is no file. */
  readonly profile: {
    readonly path: string;
    readonly mode: number | null;
    readonly email: string | null;
    readonly target: Target | { readonly error: CliError };
  };
  readonly me: Observed<Schemas['Me']> | null;
  readonly health: Observed<Schemas['SystemHealth']> | null;
  readonly hosts: Observed<readonly HostView[]> | null;
  readonly now: Date;
}

/** One thing that was looked at; `fix` is the command or step that mends what is wrong. */
export interface Finding {
  readonly name: string;
  readonly status: Status;
  readonly version?: string;
  readonly latencyMs?: number;
  readonly message?: string;
  readonly since?: string;
  readonly facts?: readonly HealthFact[];
  readonly fix?: string;
}

/** Everything that was found, and the worst of it. */
export interface Diagnosis {
  readonly status: Status;
  readonly components: readonly Finding[];
}

const SLOW_MS = 2000;
const LITTLE_DISK_BYTES = 2 * 2 ** 30;
/** Parts of the platform by the name the API knows them by: as `npm run status` and the files of the log call them. */
const PARTS: Readonly<Record<string, string>> = {
  database: 'postgres',
  'workflow-engine': 'temporal',
  worker: 'worker',
  relay: 'api',
  hosts: 'bridge',
  'model-service': 'litellm',
  'object-store': 'seaweedfs',
};

const isTarget = (target: Observations['profile']['target']): target is Target => 'url' in target;

function ofError(name: string, error: CliError, fix?: string): Finding {
  const { code, nextStep } = error.details;
  const advice = fix ?? nextStep;
  return { name, status: 'down', message: `${error.message}${code ? ` (${code})` : ''}`, ...(advice ? { fix: advice } : {}) };
}

function profileFinding({ path, mode, target }: Observations['profile']): Finding {
  if (!isTarget(target)) return ofError('profile', target.error);
  const where = target.profile === null ? 'key from CLAW_API_KEY' : `"${target.profile}" in ${path}`;
  const open = target.profile !== null && mode !== null && (mode & 0o077) !== 0;
  if (open) return { name: 'profile', status: 'degraded', message: `${where} can be read by other users of this machine.`, fix: `chmod 600 ${path}` };
  return { name: 'profile', status: 'ok', message: where };
}

function isAnswered(error: CliError): boolean {
  return error.exitCode !== ExitCode.unreachable && error.exitCode !== ExitCode.timeout && error.details.code !== 'NOT_A_PLATFORM';
}

/** The way to the platform, and as whom one comes. */
function meFindings(me: Observed<Schemas['Me']>, target: Target, email: string | null): Finding[] {
  if ('error' in me) {
    if (!isAnswered(me.error)) return [ofError('api', me.error)];
    const signIn = me.error.exitCode === ExitCode.notAllowed;
    const login = `claw login --url ${target.url} --email ${email ?? 'YOU'}`;
    const fix = target.profile === null ? `Set CLAW_API_KEY to a key of this platform, or unset it and: ${login}` : login;
    return [{ name: 'api', status: 'ok', message: target.url }, ofError('sign-in', me.error, signIn ? fix : undefined)];
  }
  const { user, tenant } = me.value;
  const slow = me.ms > SLOW_MS;
  return [
    {
      name: 'api',
      status: slow ? 'degraded' : 'ok',
      latencyMs: me.ms,
      message: slow ? `${target.url} is slow.` : target.url,
      ...(slow ? { fix: 'See the load of its machine and the way to it; its log says how long each request took: logs/api.log' } : {}),
    },
    { name: 'sign-in', status: 'ok', message: `${user.email}, ${tenant.role} of ${tenant.name}` },
  ];
}

function componentFinding({ nextStep, command, ...component }: Schemas['ComponentHealth']): Finding {
  const part = component.status === 'ok' ? undefined : PARTS[component.name];
  const look = part ? `log: logs/${part}.log` : undefined;
  const fix = [nextStep, command && `Run: ${command}`, look && `(${look})`].filter(Boolean).join(' ');
  return { ...component, ...(fix ? { fix } : {}) };
}

function healthFindings(health: Observed<Schemas['SystemHealth']>): Finding[] {
  if ('error' in health) return [ofError('health', health.error)];
  const { relay, components } = health.value;
  const ofPlatform = components.filter(({ host }) => !host);
  return ofPlatform.map((component) => {
    const finding = componentFinding(component);
    if (component.name !== 'relay' || finding.message || relay.pending === 0) return finding;
    return { ...finding, message: `${relay.pending} to be delivered, the oldest for ${span(relay.oldestSeconds)}` };
  });
}

function hostFinding({ name, state, info, instances, unknownClaws, lastSeenAt }: HostView, now: Date): Finding {
  const finding = { name: `host ${name}`, ...(info ? { version: info.bridgeVersion } : {}) };
  const claws = `${instances} ${instances === 1 ? 'claw' : 'claws'}`;
  if (state === 'pending') return { ...finding, status: 'degraded', message: 'It has never connected.', fix: 'Start the bridge on it: npm run up' };
  if (state === 'offline') {
    const since = lastSeenAt ? ` for ${span((now.getTime() - Date.parse(lastSeenAt)) / 1000)}` : '';
    const fix = 'On that machine: npm run status, then npm run up if it does not run; log: logs/bridge.log';
    return { ...finding, status: 'down', message: `Its bridge has not been connected${since}; ${claws} there.`, fix };
  }
  const free = info?.diskFreeBytes ?? Number.POSITIVE_INFINITY;
  if (free < LITTLE_DISK_BYTES)
    return {
      ...finding,
      status: 'degraded',
      message: `Only ${bytes(free)} of disk are free; ${claws} there.`,
      fix: 'Free disk, or destroy claws with --wipe.',
    };
  const [stranger] = unknownClaws;
  if (stranger) {
    const slugs = unknownClaws.map(({ slug }) => slug).join(', ');
    const message = `${slugs} ${unknownClaws.length === 1 ? 'runs' : 'run'} there and the platform does not know ${unknownClaws.length === 1 ? 'it' : 'them'}; ${claws}.`;
    return { ...finding, status: 'degraded', message, fix: `End one and keep its data: claw host end-claw ${name} ${stranger.slug}` };
  }
  return { ...finding, status: 'ok', message: claws };
}

/** Each host as the list of hosts tells it, with what the health knows besides. */
function hostFindings(hosts: Observed<readonly HostView[]>, health: Observations['health'], now: Date): Finding[] {
  if ('error' in hosts) return [ofError('hosts', hosts.error)];
  const known = health && 'value' in health ? health.value.components : [];
  return hosts.value.map((host) => {
    const finding = hostFinding(host, now);
    const told = known.find((component) => component.host?.id === host.id);
    if (!told) return finding;
    // What only the health has noticed, such as an old bridge.
    return finding.status === 'ok' && told.status !== 'ok' ? { ...componentFinding(told), name: finding.name } : { ...finding, facts: told.facts };
  });
}

/** Names what is wrong and what mends it, from this machine to the platform's parts. Pure. */
export function diagnose({ claw, profile, me, health, hosts, now }: Observations): Diagnosis {
  const components: Finding[] = [{ name: 'claw', status: 'ok', version: claw.version, message: claw.runtime }, profileFinding(profile)];
  if (me && isTarget(profile.target)) components.push(...meFindings(me, profile.target, profile.email));
  if (health) components.push(...healthFindings(health));
  if (hosts) components.push(...hostFindings(hosts, health, now));
  const has = (status: Status): boolean => components.some((component) => component.status === status);
  return { status: has('down') ? 'down' : has('degraded') ? 'degraded' : 'ok', components };
}
