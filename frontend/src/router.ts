import type { QueryClient } from '@tanstack/vue-query';
import type { RouteLocationNormalized, RouteLocationRaw, RouteRecordRaw, Router } from 'vue-router';
import { createRouter, createWebHistory } from 'vue-router';
import { getMe, isSetupNeeded } from './api/account.ts';
import { asProblem } from './api/problem.ts';
import { QueryKeys } from './api/query-keys.ts';

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page title. */
    title?: string;
    /** Pages that people see before they are signed in. */
    public?: boolean;
  }
}

const instancePage: RouteRecordRaw = {
  path: '/instances/:id',
  component: () => import('./pages/InstancePage.vue'),
  props: true,
  children: [
    { path: '', name: 'instance', component: () => import('./features/instances/InstanceOverview.vue'), meta: { title: 'nav.instances' } },
    { path: 'chat', name: 'instance-chat', component: () => import('./features/chat/InstanceChat.vue'), meta: { title: 'instance.tab.chat' } },
    { path: 'logs', name: 'instance-logs', component: () => import('./features/logs/InstanceLogs.vue'), meta: { title: 'instance.tab.logs' } },
    {
      path: 'operations',
      name: 'instance-operations',
      component: () => import('./features/operations/InstanceOperations.vue'),
      meta: { title: 'instance.tab.operations' },
    },
    { path: 'metrics', name: 'instance-metrics', component: () => import('./features/metrics/InstanceMetrics.vue'), meta: { title: 'metrics.tab' } },
    { path: 'events', name: 'instance-events', component: () => import('./features/events/InstanceEvents.vue'), meta: { title: 'instance.tab.events' } },
  ],
};

/** Every page; the journey through all of them is made from this list. */
export const routes: RouteRecordRaw[] = [
  { path: '/setup', name: 'setup', component: () => import('./pages/SetupPage.vue'), meta: { title: 'setup.title', public: true } },
  { path: '/invite', name: 'invite', component: () => import('./pages/InvitePage.vue'), meta: { title: 'signIn.title', public: true } },
  { path: '/reset', name: 'reset', component: () => import('./pages/ResetPage.vue'), meta: { title: 'signIn.title', public: true } },
  { path: '/verify', name: 'verify', component: () => import('./pages/VerifyPage.vue'), meta: { title: 'signIn.title', public: true } },
  { path: '/device', name: 'device', component: () => import('./pages/DevicePage.vue'), meta: { title: 'signIn.title' } },
  { path: '/new-password', name: 'new-password', component: () => import('./pages/NewPasswordPage.vue'), meta: { title: 'signIn.title', public: true } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignInPage.vue'), meta: { title: 'signIn.title', public: true } },
  { path: '/open/:claw', name: 'open-claw', component: () => import('./pages/OpenClawPage.vue'), props: true },
  {
    path: '/',
    component: () => import('./features/shell/AppShell.vue'),
    children: [
      { path: '', name: 'home', component: () => import('./pages/HomePage.vue'), meta: { title: 'nav.home' } },
      { path: 'my-claw', name: 'my-claw', component: () => import('./pages/MyClawPage.vue'), meta: { title: 'nav.myClaw' } },
      { path: 'instances', name: 'instances', component: () => import('./pages/InstancesPage.vue'), meta: { title: 'nav.instances' } },
      { path: 'instances/new', name: 'instance-new', component: () => import('./pages/CreateInstancePage.vue'), meta: { title: 'create.title' } },
      instancePage,
      { path: 'configs', name: 'configs', component: () => import('./pages/ConfigsPage.vue'), meta: { title: 'nav.configs' } },
      { path: 'configs/:id', name: 'config', component: () => import('./pages/ConfigPage.vue'), props: true, meta: { title: 'nav.configs' } },
      { path: 'rollouts', name: 'rollouts', component: () => import('./pages/RolloutsPage.vue'), meta: { title: 'nav.rollouts' } },
      { path: 'rollouts/new', name: 'rollout-new', component: () => import('./pages/NewRolloutPage.vue'), meta: { title: 'nav.rollouts' } },
      { path: 'rollouts/:id', name: 'rollout', component: () => import('./pages/RolloutPage.vue'), props: true, meta: { title: 'nav.rollouts' } },
      { path: 'approvals', name: 'approvals', component: () => import('./pages/ApprovalsPage.vue'), meta: { title: 'nav.approvals' } },
      { path: 'operations', name: 'operations', component: () => import('./pages/OperationsPage.vue'), meta: { title: 'nav.operations' } },
      { path: 'operations/:id', name: 'operation', component: () => import('./pages/OperationPage.vue'), props: true, meta: { title: 'operation.title' } },
      { path: 'events', name: 'events', component: () => import('./pages/EventsPage.vue'), meta: { title: 'nav.events' } },
      { path: 'audit', name: 'audit', component: () => import('./pages/AuditPage.vue'), meta: { title: 'nav.audit' } },
      { path: 'quotas', name: 'quotas', component: () => import('./pages/QuotasPage.vue'), meta: { title: 'nav.quotas' } },
      { path: 'models', name: 'models', component: () => import('./pages/ModelsPage.vue'), meta: { title: 'nav.models' } },
      { path: 'health', name: 'health', component: () => import('./pages/HealthPage.vue'), meta: { title: 'nav.health' } },
      { path: 'find', name: 'find', component: () => import('./pages/FindPage.vue'), meta: { title: 'find.title' } },
      { path: 'hosts', name: 'hosts', component: () => import('./pages/HostsPage.vue'), meta: { title: 'nav.hosts' } },
      { path: 'projects', name: 'projects', component: () => import('./pages/ProjectsPage.vue'), meta: { title: 'nav.projects' } },
      { path: 'platform', name: 'platform', component: () => import('./pages/PlatformPage.vue'), meta: { title: 'nav.platform' } },
      { path: 'members', name: 'members', component: () => import('./pages/MembersPage.vue'), meta: { title: 'nav.members' } },
      { path: 'sso', name: 'sso', component: () => import('./pages/SsoPage.vue'), meta: { title: 'nav.sso' } },
      { path: 'settings/:section?', name: 'settings', component: () => import('./pages/SettingsPage.vue'), props: true, meta: { title: 'nav.settings' } },
      { path: ':rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'notFound.title' } },
    ],
  },
];

/** A platform without an administrator goes to set-up, a person without a session to sign-in and back to where they wanted to go. */
async function destination(to: RouteLocationNormalized, queryClient: QueryClient): Promise<RouteLocationRaw | true> {
  if (to.meta.public === true) return true;
  try {
    await queryClient.ensureQueryData({ queryKey: QueryKeys.session, queryFn: getMe, retry: false });
    return true;
  } catch (error) {
    const next = to.fullPath === '/' ? {} : { next: to.fullPath };
    if (asProblem(error).code === 'PASSWORD_CHANGE_REQUIRED') return { name: 'new-password', query: next };
    if (asProblem(error).code === 'SSO_REQUIRED') return { name: 'sign-in', query: next, hash: '#sso=SSO_REQUIRED' };
    // Anything but "not signed in" is shown by the shell, which can try again.
    if (asProblem(error).status !== 401) return true;
    const needed = await isSetupNeeded().catch(() => false);
    return needed ? { name: 'setup' } : { name: 'sign-in', query: next };
  }
}

/** The portal's router with its guards. */
export function createPortalRouter(queryClient: QueryClient): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  });
  router.beforeEach((to) => destination(to, queryClient));
  return router;
}
