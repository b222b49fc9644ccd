import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../workflows/contracts/search-attributes.ts';
import { repositoryRoot } from '../local/platform.ts';
import { scratchFolder } from '../local/testing/scratch.ts';

interface Service {
  readonly image?: string;
  readonly build?: { readonly target: string };
  readonly healthcheck?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const dockerfile = readFileSync(join(repositoryRoot, 'deploy/docker/Dockerfile'), 'utf8');

/** The part of the Dockerfile that builds one target. */
function stage(target: string): string {
  const start = dockerfile.indexOf(`AS ${target}\n`);
  const end = dockerfile.indexOf('\nFROM ', start);
  return start < 0 ? '' : dockerfile.slice(start, end < 0 ? undefined : end);
}

test('no secret has a default: each must be given', () => {
  const secrets = text.match(/\$\{[A-Z0-9_]*(PASSWORD|SECRET|TOKEN|KEY|CODE)[A-Z0-9_]*[^}]*\}/g) ?? [];
  expect(secrets.length).toBeGreaterThan(10);
  for (const secret of secrets) expect(secret).toContain(':?');
});

test('every server says whether it is healthy; the others end by themselves and somebody waits for it', () => {
  const awaited = Object.values(services).flatMap((service) =>
    Object.entries(service.depends_on ?? {})
      .filter(([, { condition }]) => condition === 'service_completed_successfully')
      .map(([name]) => name),
  );
  for (const [name, service] of Object.entries(services)) {
    const inImage = service.build ? stage(service.build.target).includes('HEALTHCHECK') : false;
    const healthy = service.healthcheck !== undefined || inImage;
    expect(healthy || awaited.includes(name) || name === 'bridge', name).toBe(true);
  }
});

test('every image that is built here has its stage in the Dockerfile', () => {
  const targets = Object.values(services).flatMap((service) => (service.build ? [service.build.target] : []));
  expect(targets).toContain('api');
  for (const target of targets) expect(stage(target), target).not.toBe('');
});

test('no image floats: each names its version', () => {
  for (const service of Object.values(services)) if (service.image) expect(service.image).toMatch(/:(?!latest)[\w.$:{}-]*\d/);
});

test('Temporal gets 512 shards, which can never be changed later', () => {
  expect(services.temporal?.environment?.NUM_HISTORY_SHARDS).toBe('512');
});

test('the search attributes are those of the contracts', () => {
  const script = readFileSync(join(repositoryRoot, 'deploy/compose/temporal-namespace.sh'), 'utf8');
  const listed = [...script.matchAll(/\b(Claw\w+)=(\w+)/g)].map(([, name, type]) => ({ name, type }));
  expect(listed).toEqual(SEARCH_ATTRIBUTES.map(({ name, type }) => ({ name, type })));
});

test('the secrets are made once, complete, and readable by their owner only', () => {
  const clone = scratchFolder();
  mkdirSync(join(clone, 'deploy/compose'), { recursive: true });
  cpSync(join(repositoryRoot, 'deploy/compose/make-secrets.sh'), join(clone, 'deploy/compose/make-secrets.sh'));
  const make = () => spawnSync('sh', [join(clone, 'deploy/compose/make-secrets.sh')], { encoding: 'utf8' });
  const first = make();
  expect(first.status, first.stderr).toBe(0);
  const env = readFileSync(join(clone, '.env'), 'utf8');
  const names = env.split('\n').map((line) => line.split('=')[0]);
  for (const [, name] of text.matchAll(/\$\{(\w+):\?/g)) expect(names).toContain(name);
  expect(statSync(join(clone, '.env')).mode & 0o777).toBe(0o600);
  expect(make().status).toBe(0);
  expect(readFileSync(join(clone, '.env'), 'utf8')).toBe(env);
  const { current, keys } = JSON.parse(readFileSync(join(clone, 'deploy/compose/secrets/keys.json'), 'utf8')) as {
    current: string;
    keys: Record<string, string>;
  };
  expect(Buffer.from(keys[current] ?? '', 'base64')).toHaveLength(32);
});
