import express, { type Response, Router } from 'express';
import { z } from 'zod';
import type { Database } from '../../prisma/client.ts';
import { Scope } from '../http/account.schema.ts';
import { contextOf } from '../http/request-context.ts';
import { beginDevice, DEVICE_KEY_SECONDS, DEVICE_SECONDS, type DeviceRefusal, redeemDevice } from './device-grants.ts';

/** The one program that may ask: `claw`. */
export const DEVICE_CLIENT = 'claw';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const BODY_LIMIT = '4kb';

const codeRequest = z.object({
  client_id: z.literal(DEVICE_CLIENT),
  scope: z.enum(['read', 'read write']).default('read write'),
  /** Of ours: what the person is shown who decides. */
  device_name: z.string().trim().min(1).max(80).default('another computer'),
});
const tokenRequest = z.object({ grant_type: z.literal(GRANT), device_code: z.string().min(1).max(200), client_id: z.literal(DEVICE_CLIENT) });

const WORDS: Readonly<Record<DeviceRefusal, string>> = {
  authorization_pending: 'Nobody has decided yet.',
  slow_down: 'Ask less often.',
  access_denied: 'The person said no.',
  expired_token: 'Nobody decided in time.',
  invalid_grant: 'There is no such device code.',
};

/** `/api/auth/device/code` and `/api/auth/device/token` as RFC 8628 wants them, by form or JSON. The access token is an API key. */
export function oauthDeviceRoutes({ database, publicUrl }: { readonly database: Database; readonly publicUrl: string }): Router {
  const router = Router();
  const bodies = [express.urlencoded({ extended: false, limit: BODY_LIMIT, type: 'application/x-www-form-urlencoded' }), express.json({ limit: BODY_LIMIT })];

  router.post('/api/auth/device/code', ...bodies, async (request, response) => {
    const asked = codeRequest.safeParse(request.body ?? {});
    if (!asked.success) return refuse(response, 'invalid_request', 'client_id, scope or device_name is not valid.');
    const { scope, device_name: device } = asked.data;
    const scopes = scope === 'read' ? [Scope.read] : [Scope.read, Scope.write];
    const { deviceCode, userCode } = await beginDevice(database.pool, { device, scopes, ip: contextOf(response).ip });
    answer(response, 200, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${publicUrl}/device`,
      // In the fragment: no server and no log on the way sees it.
      verification_uri_complete: `${publicUrl}/device#code=${userCode}`,
      expires_in: DEVICE_SECONDS.lives,
      interval: DEVICE_SECONDS.interval,
    });
  });

  router.post('/api/auth/device/token', ...bodies, async (request, response) => {
    const asked = tokenRequest.safeParse(request.body ?? {});
    if (!asked.success) return refuse(response, 'invalid_request', 'grant_type, device_code or client_id is not valid.');
    const redeemed = await redeemDevice(database, contextOf(response), asked.data.device_code);
    if ('refusal' in redeemed) return refuse(response, redeemed.refusal, WORDS[redeemed.refusal]);
    answer(response, 200, { access_token: redeemed.secret, token_type: 'Bearer', expires_in: DEVICE_KEY_SECONDS });
  });
  return router;
}

function refuse(response: Response, error: string, description: string): void {
  answer(response, 400, { error, error_description: description });
}

function answer(response: Response, status: number, body: object): void {
  response.status(status).setHeader('Cache-Control', 'no-store').json(body);
}
