import { z } from 'zod';
import { scope } from '../http/account.schema.ts';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const params = z.strictObject({ code: z.string().min(1).max(50).meta({ description: 'What the program shows, such as `BCDF-GHJK`' }) });

export const getDevice = contract({
  id: 'getDevice',
  method: 'get',
  path: '/account/devices/{code}',
  tag: 'account',
  summary: 'Which program waits with this code',
  params,
  answers: {
    200: {
      description: 'Who asks, and for what',
      schema: z.strictObject({ device: z.string(), scopes: z.array(scope), ip: z.string(), createdAt: timestamp }).meta({ id: 'DeviceRequest' }),
    },
  },
  failures: ['CODE_INVALID'],
});

export const approveDevice = contract({
  id: 'approveDevice',
  method: 'post',
  path: '/account/devices/{code}/approve',
  tag: 'account',
  summary: 'Let the program in as yourself in this tenant',
  description: 'It gets an API key of yours that lives 90 days; revoke it like any other.',
  params,
  answers: { 204: { description: 'It is let in when it asks the next time' } },
  failures: ['CODE_INVALID'],
});

export const denyDevice = contract({
  id: 'denyDevice',
  method: 'post',
  path: '/account/devices/{code}/deny',
  tag: 'account',
  summary: 'Send the program away',
  params,
  answers: { 204: { description: 'It is told so' } },
  failures: ['CODE_INVALID'],
});

export const deviceContracts = [getDevice, approveDevice, denyDevice];
