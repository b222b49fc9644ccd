import { BlockList, isIP } from 'node:net';
import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure, type FieldError } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { DEMO_MODEL, ProviderKind, ProviderState, type ProviderView } from '../../workflows/contracts/model.ts';
import { audit } from '../http/audit.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent, enqueueVerification } from '../http/outbox.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { actorOf, type RequestContext, traceOf } from '../http/request-context.ts';
import { PROVIDER_COLUMNS, type ProviderRow, presentProvider } from './provider.presenter.ts';
import type { CreateProviderBody } from './provider.schema.ts';

const BY_NAME = 'name';
/** Kinds that run at an address of one's own and often without a key. */
const SELF_HOSTED: readonly ProviderKind[] = [ProviderKind.ollama, ProviderKind.hostedVllm];

/** A page of the tenant's providers, by name. */
export async function listProviders(sql: pg.ClientBase, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ProviderView>> {
  const after = decodeCursor(cursor, BY_NAME);
  const { rows } = await sql.query<ProviderRow>(`SELECT ${PROVIDER_COLUMNS} FROM provider WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`, [
    after?.value ?? null,
    limit + 1,
  ]);
  return pageOfRows(rows, limit, (row) => ({ sort: BY_NAME, value: row.name, id: row.id }), presentProvider);
}

/** Throws NOT_FOUND. */
export async function getProvider(sql: pg.ClientBase, id: string): Promise<ProviderView> {
  const { rows } = await sql.query<ProviderRow>(`SELECT ${PROVIDER_COLUMNS} FROM provider WHERE id = $1`, [id]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such provider.');
  return presentProvider(rows[0]);
}

/** Adds a provider that `checkBody` has passed, and asks for its verification. Throws NAME_TAKEN; then nothing is kept, the credential least of all. */
export async function createProvider(sql: pg.ClientBase, secrets: SecretBox, context: RequestContext, body: CreateProviderBody): Promise<ProviderView> {
  const { tenantId, userId } = actorOf(context);
  const id = newId(IdPrefix.provider);
  const credential = body.apiKey === undefined ? null : await secrets.seal(body.apiKey, `provider/${id}`);
  const values = [id, tenantId, body.name, body.kind, baseUrlOf(body), [...new Set(body.models)], credential, ProviderState.verifying, userId];
  const { rows } = await sql.query<ProviderRow>(
    `INSERT INTO provider (id, tenant_id, name, kind, base_url, models, credential, state, created_by, last_updated_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${PROVIDER_COLUMNS}`,
    values,
  );
  if (!rows[0]) throw new Failure('NAME_TAKEN', `There is a provider called ${body.name} already.`, { errors: [{ path: '/name', message: 'is in use' }] });
  const provider = presentProvider(rows[0]);
  await enqueueVerification(sql, { tenantId, providerId: id, revision: 1, ...traceOf(context) });
  await enqueueEvent(sql, tenantId, EventType.providerUpdated, id);
  await recordDeed(sql, context, { type: 'provider.added', subject: { kind: 'provider', id, name: provider.name }, data: {} });
  await audit(sql, context, { action: 'provider.create', target: id, after: provider });
  return provider;
}

/** Asks for a new verification; one that still runs becomes void. Throws NOT_FOUND. */
export async function verifyProvider(sql: pg.ClientBase, context: RequestContext, id: string): Promise<ProviderView> {
  const { tenantId, userId } = actorOf(context);
  const { rows } = await sql.query<ProviderRow & { revision: number }>(
    `UPDATE provider SET state = $2, error = NULL, revision = revision + 1, last_updated_by = $3 WHERE id = $1 RETURNING ${PROVIDER_COLUMNS}, revision`,
    [id, ProviderState.verifying, userId],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such provider.');
  await enqueueVerification(sql, { tenantId, providerId: id, revision: rows[0].revision, ...traceOf(context) });
  await enqueueEvent(sql, tenantId, EventType.providerUpdated, id);
  await audit(sql, context, { action: 'provider.verify', target: id });
  return presentProvider(rows[0]);
}

/** Removes a provider with its credential; claws that name its models get MODEL_UNKNOWN within seconds. Throws NOT_FOUND. */
export async function deleteProvider(sql: pg.ClientBase, context: RequestContext, id: string): Promise<void> {
  const { rows } = await sql.query<ProviderRow>(`DELETE FROM provider WHERE id = $1 RETURNING ${PROVIDER_COLUMNS}`, [id]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such provider.');
  await enqueueEvent(sql, actorOf(context).tenantId, EventType.providerUpdated, id);
  await recordDeed(sql, context, { type: 'provider.removed', subject: { kind: 'provider', id, name: rows[0].name }, data: {} });
  await audit(sql, context, { action: 'provider.delete', target: id, before: presentProvider(rows[0]) });
}

/** A model as the list of models shows it. */
export interface ListedModel {
  readonly id: string;
  readonly provider: string;
  readonly kind: string;
  readonly state: ProviderState;
}

/** Every model that claws of the tenant may call, `demo` first. */
export async function listModels(sql: pg.ClientBase): Promise<ListedModel[]> {
  const { rows } = await sql.query<Pick<ProviderRow, 'name' | 'kind' | 'models' | 'state'>>('SELECT name, kind, models, state FROM provider ORDER BY name');
  const demo: ListedModel = { id: DEMO_MODEL, provider: DEMO_MODEL, kind: DEMO_MODEL, state: ProviderState.verified };
  return [demo, ...rows.flatMap(({ name, kind, models, state }) => models.map((model) => ({ id: `${name}/${model}`, provider: name, kind, state })))];
}

/** What the schema cannot say. Throws VALIDATION_FAILED. */
export function checkBody({ name, kind, baseUrl, apiKey }: CreateProviderBody): void {
  const errors: FieldError[] = [];
  if (name === DEMO_MODEL) errors.push({ path: '/name', message: 'is the name of the built-in model' });
  if (SELF_HOSTED.includes(kind) && baseUrl === undefined) errors.push({ path: '/baseUrl', message: `is needed for ${kind}` });
  if (!SELF_HOSTED.includes(kind) && apiKey === undefined) errors.push({ path: '/apiKey', message: `is needed for ${kind}` });
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) errors.push({ path: '/apiKey', message: 'must be printable ASCII without spaces' });
  if (baseUrl !== undefined) errors.push(...urlErrors(new URL(baseUrl)));
  if (errors.length > 0) throw new Failure('VALIDATION_FAILED', errors.map(({ path, message }) => `${path} ${message}`).join('; '), { errors });
}

/** Where clouds tell every program of a machine its credentials; no model lives there. */
const NEVER_MODELS = new BlockList();
NEVER_MODELS.addSubnet('169.254.0.0', 16, 'ipv4');
NEVER_MODELS.addSubnet('fe80::', 10, 'ipv6');
NEVER_MODELS.addAddress('fd00:ec2::254', 'ipv6');

function isMetadata({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  return family === 0 ? host === 'metadata.google.internal' : NEVER_MODELS.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function urlErrors(url: URL): FieldError[] {
  if (isMetadata(url)) return [{ path: '/baseUrl', message: 'is an address of the machine itself, where no model can be' }];
  if (url.username || url.password) return [{ path: '/baseUrl', message: 'must not hold a user or password; send the credential as apiKey' }];
  return url.search || url.hash ? [{ path: '/baseUrl', message: 'must not have a query or a fragment' }] : [];
}

/** Without the slash that LiteLLM would double; Ollama's own interface lies beside `/v1`, which people often copy along. */
function baseUrlOf({ kind, baseUrl }: CreateProviderBody): string | null {
  const trimmed = baseUrl?.replace(/\/+$/, '') ?? null;
  return kind === ProviderKind.ollama ? (trimmed?.replace(/\/v1$/, '') ?? null) : trimmed;
}
