import pg from 'pg';
import { ModelPath } from '../../activities/clients/litellm/client.ts';
import { routingFields } from '../../activities/clients/litellm/model-name.ts';
import { newId, newSecret, secretHash } from '../../activities/platform/ids.ts';
import { runningEcho } from '../../deploy/local/faults/echo-claw.ts';
import { FAKE_ANSWER, type FakeOpenAi } from '../../deploy/local/testing/fake-openai.ts';
import { type Fleet, ok } from '../../deploy/local/testing/fleet.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { loopbackUrl } from './fleet.ts';
import type { HttpCaller, Timed } from './http-caller.ts';

/** One way to the model. */
export type ModelRoute = (options: { readonly stream: boolean }) => Promise<Timed>;

export interface ModelRoutes {
  /** The way of claws: key check, provider's key, metering, LiteLLM. */
  readonly gateway: ModelRoute;
  /** LiteLLM alone, given what the gateway would give it. */
  readonly direct: ModelRoute;
}

const PROVIDER = 'bench';
const MODEL = 'fake-1';
/** Far above the generations that the platform gives. */
const KEY_GENERATION = 1_000_000;
const MESSAGES = [
  { role: 'system', content: 'You are a helpful assistant of the sales team. '.repeat(20) },
  { role: 'user', content: 'How many offers are open?' },
];

/** Adds the provider as a person would, gives a real claw a second key that is known here, and answers both ways to the same model. */
export async function openModelRoutes(fleet: Fleet, provider: FakeOpenAi, caller: HttpCaller): Promise<ModelRoutes> {
  const apiKey = `sk-${newSecret()}`;
  ok(await fleet.api.POST('/providers', { body: { name: PROVIDER, kind: 'openai', baseUrl: provider.url, apiKey, models: [MODEL] } }));
  const claw = await runningEcho(fleet, 'caller');
  const modelKey = await mintModelKey(fleet, claw.id);
  const { litellm } = fleet.platform;
  const body = (stream: boolean) => ({ messages: MESSAGES, max_tokens: 100, ...(stream ? { stream, stream_options: { include_usage: true } } : {}) });
  const routing = routingFields({ kind: 'openai', model: MODEL, baseUrl: provider.url, apiKey }, ModelPath.chatCompletions);
  const way = (url: string, key: string, model: Readonly<Record<string, string>>): ModelRoute => {
    return async ({ stream }) => {
      const answer = await caller.call(`${url}${ModelPath.chatCompletions}`, { authorization: `Bearer ${key}` }, { ...model, ...body(stream) });
      if (answer.status !== 200 || !answer.beginning.includes(FAKE_ANSWER.slice(0, 8)))
        throw new Error(`the model answered ${answer.status}: ${answer.beginning}`);
      return answer;
    };
  };
  return { gateway: way(loopbackUrl(fleet), modelKey, { model: `${PROVIDER}/${MODEL}` }), direct: way(litellm.url, litellm.masterKey, routing) };
}

async function mintModelKey(fleet: Fleet, instanceId: string): Promise<string> {
  const id = newId(IdPrefix.modelKey);
  const secret = newSecret();
  const sql = new pg.Client({ connectionString: fleet.platform.databaseUrls.owner });
  await sql.connect();
  try {
    await sql.query(
      "INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash, state) SELECT $1, tenant_id, project_id, id, $3, $4, 'active' FROM instance WHERE id = $2",
      [id, instanceId, KEY_GENERATION, secretHash(secret)],
    );
  } finally {
    await sql.end();
  }
  return `${id}_${secret}`;
}
