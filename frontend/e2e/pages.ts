import type { RouteRecordRaw } from 'vue-router';
import { routes } from '../src/router.ts';

/** What a fleet has for the pages that show one thing. */
export interface Shown {
  readonly instance: string;
  readonly operation: string;
  readonly rollout: string;
  readonly config: string;
}

/** Where each page is looked at, by the name of its route; several addresses show several parts of it. */
const VISITS: Readonly<Record<string, (shown: Shown) => readonly string[]>> = {
  setup: () => ['/setup'],
  'sign-in': () => ['/sign-in'],
  invite: () => ['/invite'],
  reset: () => ['/reset'],
  verify: () => ['/verify'],
  'new-password': () => ['/new-password'],
  device: () => ['/device'],
  home: () => ['/'],
  'my-claw': () => ['/my-claw'],
  // It leaves for the claw at once; entry.test.ts goes through it.
  'open-claw': () => [],
  instances: () => ['/instances', '/instances?q=nobody-is-called-that'],
  'instance-new': () => ['/instances/new'],
  instance: ({ instance }) => [`/instances/${instance}`],
  'instance-chat': ({ instance }) => [`/instances/${instance}/chat`],
  'instance-logs': ({ instance }) => [`/instances/${instance}/logs`],
  'instance-metrics': ({ instance }) => [`/instances/${instance}/metrics`],
  'instance-operations': ({ instance }) => [`/instances/${instance}/operations`],
  'instance-events': ({ instance }) => [`/instances/${instance}/events`],
  configs: () => ['/configs', '/configs?add=config'],
  config: ({ config }) => [`/configs/${config}`],
  rollouts: () => ['/rollouts', '/rollouts?phase=Failed'],
  'rollout-new': () => ['/rollouts/new'],
  rollout: ({ rollout }) => [`/rollouts/${rollout}`],
  approvals: () => ['/approvals'],
  operations: () => ['/operations'],
  operation: ({ operation }) => [`/operations/${operation}`],
  events: () => ['/events'],
  audit: () => ['/audit', '/audit?result=failed&time=week'],
  quotas: () => ['/quotas'],
  health: () => ['/health'],
  find: ({ operation }) => ['/find', `/find?id=${operation}`],
  models: () => ['/models'],
  hosts: () => ['/hosts'],
  projects: () => ['/projects'],
  platform: () => ['/platform'],
  members: () => ['/members', '/members?add=people', '/members?q=nobody-is-called-that'],
  sso: () => ['/sso'],
  settings: () => ['/settings', '/settings/account', '/settings/security', '/settings/notifications', '/settings/api-keys', '/settings/platform'],
  'not-found': () => ['/nothing-is-here'],
};

function named(records: readonly RouteRecordRaw[]): RouteRecordRaw[] {
  return records.flatMap((record) => [...(record.name === undefined ? [] : [record]), ...named(record.children ?? [])]);
}

/** One page at one address. */
export interface PageVisit {
  readonly name: string;
  readonly path: string;
  /** Seen before anybody is signed in. */
  readonly public: boolean;
}

/** Every page that the router knows. Throws for one that nobody looks at, so that no page comes without its journey. */
export function everyPage(shown: Shown): PageVisit[] {
  return named(routes).flatMap(({ name, meta }) => {
    const addresses = VISITS[String(name)];
    if (!addresses) throw new Error(`the page ${String(name)} is in no journey: say in frontend/e2e/pages.ts where to look at it`);
    return addresses(shown).map((path) => ({ name: String(name), path, public: meta?.public === true }));
  });
}
