import zlib from 'node:zlib';
import compression from 'compression';
import express, { type Express, Router } from 'express';
import type { RuntimeDriver } from '../activities/runtime/driver.ts';
import type { HostLink } from '../activities/runtime/host/host-link.ts';
import { Failure } from '../workflows/contracts/failures.ts';
import { accountRoutes } from './account/account.routes.ts';
import { apiKeyRoutes } from './api-keys/api-key.routes.ts';
import { auditRoutes } from './audit/audit.routes.ts';
import { internalRoutes } from './bridge/internal-routes.ts';
import { logIntake } from './bridge/log-intake.ts';
import { clawTypeRoutes } from './claw-types/claw-type.routes.ts';
import type { ApiConfig } from './config.ts';
import { configRoutes } from './configs/config.routes.ts';
import { CONTRACTS } from './contracts.ts';
import type { ApiDeps } from './deps.ts';
import { deviceRoutes } from './device/device.routes.ts';
import { oauthDeviceRoutes } from './device/oauth-device.ts';
import type { ClawEntry } from './entry/claw-entry.ts';
import { entryRoutes } from './entry/entry.routes.ts';
import { forwardAuth } from './entry/forward-auth.ts';
import { eventRoutes } from './events/event.routes.ts';
import { hostRoutes } from './hosts/host.routes.ts';
import { accessLog } from './http/access-log.ts';
import { audited } from './http/audit.ts';
import { authentication } from './http/auth.ts';
import { authRoutes } from './http/auth-routes.ts';
import { Action } from './http/authorize.ts';
import { bodies } from './http/body.ts';
import { docsPage } from './http/docs-page.ts';
import { API_BASE } from './http/openapi.ts';
import { portalOrigins } from './http/origins.ts';
import { portal } from './http/portal.ts';
import { problemHandler } from './http/problem.ts';
import { limitAddresses, limitTenants, type RateLimits } from './http/rate-limit.ts';
import { requestContext } from './http/request-context.ts';
import { securityHeaders } from './http/security-headers.ts';
import { noSuchRoute, upgradeOnly } from './http/surface.ts';
import { instancePolicy } from './instances/instance.policy.ts';
import { instanceRoutes } from './instances/instance.routes.ts';
import { myClawRoutes } from './instances/my-claw.routes.ts';
import { createStopPersonalClaws } from './instances/stop-personal-claws.ts';
import { logArchiveRoutes } from './logs/log-archive.routes.ts';
import { meRoutes } from './me/me.routes.ts';
import { acceptRoutes } from './members/accept.routes.ts';
import { createAccounts } from './members/accounts.ts';
import { invitationRoutes } from './members/invitation.routes.ts';
import { inviteOwnerBy } from './members/invite-owner.ts';
import { noteLastSeen } from './members/last-seen.ts';
import { memberRoutes } from './members/member.routes.ts';
import { setRole } from './members/member.service.ts';
import { metricRoutes } from './metrics/metric.routes.ts';
import { notificationRoutes } from './notifications/notification.routes.ts';
import { document } from './openapi.ts';
import { operationRoutes } from './operations/operation.routes.ts';
import { personRoutes } from './people/person.routes.ts';
import { manualBilling } from './plans/billing.ts';
import { planRoutes } from './plans/plan.routes.ts';
import { POLICIES } from './policies.ts';
import { projectRoutes } from './projects/project.routes.ts';
import { providerRoutes } from './providers/provider.routes.ts';
import { quotaRoutes } from './quotas/quota.routes.ts';
import { logRoutes } from './realtime/log.routes.ts';
import type { RelayLag } from './relay/outbox-store.ts';
import { rolloutPorts } from './rollout-ports.ts';
import { changeTarget } from './rollouts/change-target.ts';
import { rolloutRoutes } from './rollouts/rollout.routes.ts';
import { keyRotationRoutes } from './secrets/key-rotation.routes.ts';
import { setupRoutes } from './setup/setup.routes.ts';
import { callbackUrlOf, providerFetch, ssoRoutes } from './sso/sso.routes.ts';
import { ssoSignInRoutes } from './sso/sso-sign-in.routes.ts';
import type { Presence } from './system/presence.ts';
import { systemRoutes } from './system/system.routes.ts';
import { observeRequests } from './telemetry/observe-requests.ts';
import { platformRoleRoutes } from './tenants/platform-role.routes.ts';
import { tenantRoutes } from './tenants/tenant.routes.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { viewRoutes } from './views/view.routes.ts';

/** What the routes need of the parts that hang on the HTTP server. */
export interface AppParts {
  readonly link: HostLink;
  readonly driver: RuntimeDriver;
  /** Null when this installation has no addresses for claws. */
  readonly entry: ClawEntry | null;
  readonly presence: Pick<Presence, 'facts'>;
  readonly relayLag: () => Promise<RelayLag>;
  /** False while the process stops. */
  readonly accepting: () => boolean;
}

/** Answers are made anew each time: time to make them small counts more than the last tenth of their size. */
const CHEAP = { level: 1, threshold: 2048, brotli: { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } } };

/** The whole HTTP surface; the order of the middleware is the order of the lines. */
export function createApp(deps: ApiDeps, parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', deps.config.TRUSTED_PROXIES);
  app.use(requestContext());
  app.use(audited(deps.auditSeal));
  app.use(observeRequests(deps.metrics, deps.tracing));
  app.use(probes(deps, parts));
  app.use(accessLog(deps.logger));
  app.use(securityHeaders(deps.config.PUBLIC_URL, deps.addresses));
  app.use(forwardAuth({ entry: parts.entry, entryToken: deps.config.ENTRY_TOKEN }));
  app.use('/v1', deps.models.router);
  app.use(internalRoutes(parts.link, deps.config.SERVICE_TOKEN, (target) => changeTarget({ ...deps, ports: rolloutPorts(deps) }, target)));
  app.use(logIntake(deps));
  app.use(oauthDeviceRoutes({ ...deps, publicUrl: deps.config.PUBLIC_URL }));
  app.use(authRoutes({ ...deps, publicUrl: deps.config.PUBLIC_URL }));
  app.use(compression(CHEAP));
  app.use(docsPage(document));
  app.use(API_BASE, api(deps, parts));
  app.use(portal(deps.config.PORTAL_DIST));
  app.use(() => {
    throw new Failure('NOT_FOUND', 'There is no such path.', { nextStep: 'See /api/docs for what there is.' });
  });
  app.use(problemHandler(deps.logger));
  return app;
}

function api(deps: ApiDeps, parts: AppParts): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  const limits = limitsOf(deps.config);
  router.use(limitAddresses(limits));
  const { PUBLIC_URL: publicUrl } = deps.config;
  const accounts = createAccounts({ ...deps, origins: portalOrigins(publicUrl), publicUrl });
  router.use(acceptRoutes({ ...deps, accounts }));
  const sso = { ...deps, publicUrl, callbackUrl: callbackUrlOf(publicUrl), fetch: providerFetch(deps.outbound), memberships: { setRole } };
  router.use(ssoSignInRoutes(sso));
  router.use(authentication(deps.authenticator));
  router.use(limitTenants(limits));
  router.use(noteLastSeen(deps));
  router.use(bodies());
  router.use(setupRoutes(deps));
  router.use(meRoutes({ ...deps, policies: POLICIES }));
  router.use(accountRoutes({ ...deps, publicUrl: deps.config.PUBLIC_URL }));
  router.use(deviceRoutes(deps));
  router.use(personRoutes({ ...deps, stopClaws: createStopPersonalClaws(deps) }));
  router.use(viewRoutes(deps));
  router.use(notificationRoutes(deps));
  router.use(apiKeyRoutes(deps));
  router.use(tenantRoutes({ ...deps, inviteOwner: inviteOwnerBy({ ...deps, publicUrl }) }));
  router.use(platformRoleRoutes(deps));
  router.use(projectRoutes(deps));
  router.use(memberRoutes(deps));
  router.use(invitationRoutes({ ...deps, publicUrl }));
  router.use(ssoRoutes(sso));
  router.use(instanceRoutes(deps));
  router.use(myClawRoutes(deps));
  router.use(entryRoutes({ ...deps, right: { action: Action.use, policy: instancePolicy } }));
  router.use(logRoutes({ ...deps, driver: parts.driver, right: { action: Action.read, policy: instancePolicy } }));
  router.use(logArchiveRoutes({ ...deps, link: parts.link }));
  router.use(operationRoutes(deps));
  router.use(rolloutRoutes({ ...deps, ports: rolloutPorts(deps) }));
  router.use(eventRoutes(deps));
  router.use(auditRoutes(deps));
  router.use(keyRotationRoutes(deps));
  router.use(hostRoutes(deps));
  router.use(clawTypeRoutes(deps));
  router.use(configRoutes(deps));
  router.use(providerRoutes(deps));
  router.use(usageRoutes(deps));
  router.use(quotaRoutes(deps));
  router.use(planRoutes({ ...deps, billing: manualBilling() }));
  router.use(metricRoutes({ ...deps, keep: deps.config.METRICS_KEEP }));
  router.use(systemRoutes({ ...deps, pool: deps.database.pool, presence: parts.presence, relayLag: parts.relayLag }));
  router.use(upgradeOnly(CONTRACTS));
  router.use(noSuchRoute(CONTRACTS));
  return router;
}

function limitsOf({ RATE_LIMIT_ADDRESS: address, RATE_LIMIT_STRANGER: stranger, RATE_LIMIT_READ: read, RATE_LIMIT_WRITE: write }: ApiConfig): RateLimits {
  return { address, stranger, read, write };
}

/** `/livez`: the process runs. `/readyz`: it can serve, which needs the database and nothing else. */
function probes({ database }: ApiDeps, { accepting }: AppParts): Router {
  const router = Router();
  router.get('/livez', (_request, response) => void response.json({ live: true }));
  router.get('/readyz', async (_request, response) => {
    const ready =
      accepting() &&
      (await database.pool.query('SELECT 1').then(
        () => true,
        () => false,
      ));
    response.status(ready ? 200 : 503).json({ ready });
  });
  return router;
}
