import type { Subject } from '../../composables/abilities.ts';

/** One place of the portal; `label` is a message key, `icon` the one icon of that noun everywhere. */
export interface NavigationItem {
  readonly name: string;
  readonly label: string;
  readonly icon: string;
  /** Routes that belong to it as well. */
  readonly also?: readonly string[];
  /** What somebody must be let read to be shown it; without this word everybody is. */
  readonly needs?: Subject;
  /** Keys that go there, pressed one after the other. */
  readonly keys: string;
}

export interface NavigationGroup {
  readonly label: string;
  readonly items: readonly NavigationItem[];
}

const home: NavigationItem = { name: 'home', label: 'nav.home', icon: 'i-lucide-house', keys: 'g-h' };
const instances: NavigationItem = {
  name: 'instances',
  label: 'nav.instances',
  icon: 'i-lucide-bot',
  also: ['instance', 'instance-new', 'instance-chat', 'instance-logs', 'instance-operations', 'instance-events'],
  keys: 'g-i',
};
const myClaw: NavigationItem = { name: 'my-claw', label: 'nav.myClaw', icon: 'i-lucide-bot-message-square', needs: 'MyClaw', keys: 'g-c' };
const configs: NavigationItem = { name: 'configs', label: 'nav.configs', icon: 'i-lucide-file-cog', also: ['config'], needs: 'Config', keys: 'g-f' };
const rollouts: NavigationItem = {
  name: 'rollouts',
  label: 'nav.rollouts',
  icon: 'i-lucide-waves',
  also: ['rollout', 'rollout-new'],
  needs: 'Rollout',
  keys: 'g-r',
};
const approvals: NavigationItem = { name: 'approvals', label: 'nav.approvals', icon: 'i-lucide-stamp', needs: 'Rollout', keys: 'g-v' };
const operations: NavigationItem = { name: 'operations', label: 'nav.operations', icon: 'i-lucide-history', also: ['operation'], keys: 'g-o' };
const events: NavigationItem = { name: 'events', label: 'nav.events', icon: 'i-lucide-rss', keys: 'g-e' };
const hosts: NavigationItem = { name: 'hosts', label: 'nav.hosts', icon: 'i-lucide-server', needs: 'Host', keys: 'g-s' };
const models: NavigationItem = { name: 'models', label: 'nav.models', icon: 'i-lucide-sparkles', needs: 'Provider', keys: 'g-m' };
const health: NavigationItem = { name: 'health', label: 'nav.health', icon: 'i-lucide-heart-pulse', also: ['find'], needs: 'System', keys: 'g-d' };
const members: NavigationItem = { name: 'members', label: 'nav.members', icon: 'i-lucide-users', needs: 'Member', keys: 'g-p' };
const projects: NavigationItem = { name: 'projects', label: 'nav.projects', icon: 'i-lucide-folder', needs: 'Project', keys: 'g-j' };
const sso: NavigationItem = { name: 'sso', label: 'nav.sso', icon: 'i-lucide-log-in', needs: 'Sso', keys: 'g-k' };
const platform: NavigationItem = { name: 'platform', label: 'nav.platform', icon: 'i-lucide-building-2', needs: 'Platform', keys: 'g-t' };
const audit: NavigationItem = { name: 'audit', label: 'nav.audit', icon: 'i-lucide-scroll-text', needs: 'Audit', keys: 'g-a' };
const quotas: NavigationItem = { name: 'quotas', label: 'nav.quotas', icon: 'i-lucide-gauge', needs: 'Quota', keys: 'g-q' };
const settings: NavigationItem = { name: 'settings', label: 'nav.settings', icon: 'i-lucide-settings', keys: 'g-,' };

/** The sidebar, top to bottom; settings stand alone at its foot. */
export const SIDEBAR: readonly NavigationGroup[] = [
  { label: 'nav.group.fleet', items: [home, myClaw, instances] },
  { label: 'nav.group.change', items: [configs, rollouts, approvals, operations, events] },
  { label: 'nav.group.infrastructure', items: [hosts, models, health] },
  { label: 'nav.group.organization', items: [members, sso, projects, quotas, audit] },
  { label: 'nav.group.platform', items: [platform] },
];
export const SETTINGS_ITEM = settings;

/** The five places of a phone's bottom bar. */
export const BOTTOM_BAR: readonly NavigationItem[] = [home, instances, models, hosts, settings];

/** Everything the palette and the shortcuts reach. */
export const ALL_PLACES: readonly NavigationItem[] = [...SIDEBAR.flatMap((group) => group.items), settings];

/** The places of a list that somebody may see, who is let read what `canRead` says. */
export function placesFor(places: readonly NavigationItem[], canRead: (subject: Subject) => boolean): readonly NavigationItem[] {
  return places.filter(({ needs }) => needs === undefined || canRead(needs));
}

/** Whether the route with this name lies in that place. */
export function isCurrent(item: NavigationItem, routeName: unknown): boolean {
  return item.name === routeName || (item.also?.includes(String(routeName)) ?? false);
}
