import { finishAccepted, type WaitOptions } from '../lib/accepted.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { problemError } from '../lib/errors.ts';
import { printOne } from '../lib/output.ts';
import { parseLabels, parseOverrides } from '../lib/parse.ts';
import { findHost } from '../lib/resolve.ts';
import { type LayerOptions, pickLayers, pickResources, type ResourceOptions } from '../lib/spec.ts';

interface CreateOptions extends WaitOptions, ResourceOptions, LayerOptions {
  readonly type?: string;
  readonly version?: string;
  readonly host?: string;
  readonly label?: readonly string[];
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
}

/** `claw create NAME`. */
export async function create(context: Context, [name = '']: readonly string[], options: CreateOptions): Promise<void> {
  const overrides = parseOverrides(options.set ?? []);
  const labels = parseLabels(options.label ?? []);
  const session = await openSession(context);
  const hostId = options.host ? (await findHost(session, options.host)).id : undefined;
  const resources = pickResources(options);
  const config = { ...(overrides.length > 0 ? { overrides } : {}), ...(await pickLayers(session, options)) };
  const body = {
    name,
    labels,
    ...(options.type ? { type: options.type } : {}),
    ...(options.version ? { version: options.version } : {}),
    ...(resources ? { resources } : {}),
    ...(Object.keys(config).length > 0 ? { config } : {}),
    ...(hostId ? { placement: { hostId } } : {}),
  };
  const answer = await take(session.api.POST('/instances', { params: { query: options.dryRun ? { dryRun: 'true' } : {} }, body }));
  if ('operation' in answer) return finishAccepted(context.io, session, answer, options);
  if (answer.problem) throw problemError(answer.problem.status, answer.problem);
  await printOne(context.io, options.output, answer, name, `${name} would be accepted: ${answer.spec?.type} ${answer.spec?.version}.\n`);
}
