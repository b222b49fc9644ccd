import { z } from 'zod';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { LANGUAGES } from './language.ts';

/** Slugs are what stands in the address of a page, which is all that a page knows of its claw. */
const idOrSlug = z
  .string()
  .max(63)
  .regex(new RegExp(`${idPattern(IdPrefix.instance)}|^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`))
  .meta({ description: 'Id or slug of the instance' });

export const openInstance = contract({
  id: 'openInstance',
  method: 'post',
  path: '/instances/{id}/open',
  tag: 'instances',
  summary: "A way into the claw's own web page",
  description:
    'Post the form field `code` to `url` from a page of the portal, within a minute and once; the claw then opens there. Only for people in a browser: an API key opens no page.',
  params: z.strictObject({ id: idOrSlug }),
  body: z.strictObject({ language: z.enum(LANGUAGES).default('en') }).meta({ id: 'OpenInstance' }),
  secretAnswer: true,
  answers: {
    201: {
      description: 'A single-use code and where to hand it over',
      schema: z.strictObject({ instanceId: z.string(), url: z.string(), code: z.string(), expiresAt: timestamp }).meta({ id: 'ClawEntry' }),
    },
  },
  failures: ['NOT_FOUND', 'UNKNOWN_TYPE', 'GATEWAY_UNAVAILABLE', 'POLICY_VIOLATED'],
});

export const entryContracts = [openInstance];
