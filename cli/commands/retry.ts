import { finishAccepted, type WaitOptions } from '../lib/accepted.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { findInstance } from '../lib/resolve.ts';
import { pickConfig, pickResources, type ResourceOptions, type SettingOptions } from '../lib/spec.ts';

interface RetryOptions extends WaitOptions, ResourceOptions, SettingOptions {
  readonly version?: string;
}

/** `claw retry NAME`: edit and retry of an instance whose making failed or waits for its next attempt. */
export async function retry(context: Context, [word = '']: readonly string[], options: RetryOptions): Promise<void> {
  const session = await openSession(context);
  const instance = await findInstance(session, word);
  const resources = pickResources(options);
  const config = pickConfig(instance, options);
  const specPatch = { ...(options.version ? { version: options.version } : {}), ...(resources ? { resources } : {}), ...(config ? { config } : {}) };
  const body = Object.keys(specPatch).length > 0 ? { specPatch } : {};
  await finishAccepted(context.io, session, await take(session.api.POST('/instances/{id}/retry', { params: { path: { id: instance.id } }, body })), options);
}
