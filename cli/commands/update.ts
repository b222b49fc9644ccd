import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { type Accepted, finishAccepted, type WaitOptions } from '../lib/accepted.ts';
import { openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, usageError } from '../lib/errors.ts';
import { mergeLabels, parseLabelPatch } from '../lib/parse.ts';
import { findInstance } from '../lib/resolve.ts';
import { type LayerOptions, pickConfig, pickLayers, pickResources, type ResourceOptions, type SettingOptions } from '../lib/spec.ts';

interface UpdateOptions extends WaitOptions, ResourceOptions, SettingOptions, LayerOptions {
  readonly name?: string;
  readonly label?: readonly string[];
}

const ATTEMPTS = 3;

async function patchFor(session: Session, instance: InstanceView, options: UpdateOptions) {
  const resources = pickResources(options);
  const config = { ...pickConfig(instance, options), ...(await pickLayers(session, options, instance.spec.config.variables)) };
  return {
    ...(options.name ? { name: options.name } : {}),
    ...(options.label ? { labels: mergeLabels(instance.labels, parseLabelPatch(options.label)) } : {}),
    ...(resources ? { resources } : {}),
    ...(Object.keys(config).length > 0 ? { config } : {}),
  };
}

/** The options are a change, not a whole, so a lost race is met by reading again and applying them to what is there now. */
async function put(session: Session, word: string, options: UpdateOptions): Promise<Accepted> {
  for (let attempt = 1; ; attempt += 1) {
    const instance = await findInstance(session, word);
    const body = await patchFor(session, instance, options);
    if (Object.keys(body).length === 0) throw usageError('There is nothing to change.', 'See what can be: claw update --help');
    const params = { path: { id: instance.id }, header: { 'If-Match': `"${instance.generation}"` } };
    try {
      return await take(session.api.PUT('/instances/{id}', { params, body }));
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof CliError) || error.details.code !== 'GENERATION_MISMATCH') throw error;
    }
  }
}

/** `claw update NAME`. */
export async function update(context: Context, [word = '']: readonly string[], options: UpdateOptions): Promise<void> {
  const session = await openSession(context);
  await finishAccepted(context.io, session, await put(session, word, options), options);
}
