import { z } from 'zod';
import { EventActor, EventSubject, FLEET_EVENT_TYPES, Severity } from '../../workflows/contracts/fleet-event.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const severity = z.enum(Severity).meta({ id: 'Severity' });
const eventType = z.enum(FLEET_EVENT_TYPES).meta({ id: 'EventType' });
const types = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(eventType).max(FLEET_EVENT_TYPES.length))
  .optional()
  .meta({ description: 'One or several types, separated by commas', override: { type: 'string' } });

export const eventView = z
  .strictObject({
    id: z.string(),
    type: eventType,
    severity,
    message: z.string().meta({ description: 'What happened, in plain English' }),
    subject: z.strictObject({ kind: z.enum(EventSubject), id: z.string(), name: z.string() }).meta({ description: 'What it is about' }),
    actor: z
      .strictObject({ kind: z.enum(EventActor), id: z.string().nullable(), name: z.string().nullable() })
      .meta({ description: 'Who made it happen; the name is null for the platform and for somebody who is gone' }),
    instanceId: z.string().nullable(),
    hostId: z.string().nullable(),
    operationId: z.string().nullable(),
    requestId: z.string().nullable(),
    count: z.int().meta({ description: 'How many equal events this one stands for' }),
    firstAt: timestamp,
    lastAt: timestamp,
    data: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).meta({ description: 'What the sentence is made of, by type' }),
  })
  .meta({ id: 'Event' });

const filters = {
  ...listQuery,
  type: types,
  severity: severity.optional().meta({ description: 'Events of this severity and worse ones' }),
  since: timestamp.optional().meta({ description: 'Events that happened at this time or later, RFC 3339, UTC' }),
} as const;

export const listEventsQuery = z.strictObject({
  ...filters,
  instance: idOf(IdPrefix.instance).optional(),
  host: idOf(IdPrefix.host).optional().meta({ description: 'Events of this host and of what happened to claws on it' }),
});
export type ListEventsQuery = z.infer<typeof listEventsQuery>;

const eventPage = pageOf('EventPage', eventView);

export const listEvents = contract({
  id: 'listEvents',
  method: 'get',
  path: '/events',
  tag: 'events',
  summary: 'What happened, newest first',
  description: 'Equal events of one day (UTC) are one that counts. Sign-ins, API keys, members and invitations are shown to owners and admins only.',
  query: listEventsQuery,
  answers: { 200: { description: 'A page of events', schema: eventPage } },
});

export const listInstanceEvents = contract({
  id: 'listInstanceEvents',
  method: 'get',
  path: '/instances/{id}/events',
  tag: 'events',
  summary: 'What happened to an instance, newest first',
  params: z.strictObject({ id: idOf(IdPrefix.instance) }),
  query: z.strictObject(filters),
  answers: { 200: { description: 'A page of events', schema: eventPage } },
  failures: ['NOT_FOUND'],
});

export const eventContracts = [listEvents, listInstanceEvents];
