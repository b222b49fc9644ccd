import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { readDocument } from '../lib/document.ts';
import { usageError } from '../lib/errors.ts';
import { type OutputFormat, printOne } from '../lib/output.ts';
import { parseOverrides } from '../lib/parse.ts';
import { describePreview, describeRollout } from '../views/rollout.ts';
import { followRollout } from './rollout.ts';

type Body = components['schemas']['CreateRollout'];

interface CreateOptions {
  readonly output: OutputFormat;
  readonly timeout: number;
  readonly labels?: string;
  readonly type?: string;
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly toVersion?: string;
  readonly config?: string;
  readonly restart?: boolean;
  readonly approvals?: string;
  readonly rollbackOnFailure?: boolean;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

/** `claw rollout create NAME`. */
export async function createRollout(context: Context, [name = '']: readonly string[], options: CreateOptions): Promise<void> {
  const written = options.file === undefined ? {} : await readDocument(context, options.file, 'a rollout');
  const { name: _, ...plan } = { ...written, ...wishOf(options) };
  const session = await openSession(context);
  if (options.dryRun) {
    const preview = await take(session.api.POST('/rollouts/preview', { body: plan as Omit<Body, 'name'> }));
    return printOne(context.io, options.output, preview, name, describePreview(preview));
  }
  const rollout = await take(session.api.POST('/rollouts', { body: { name, ...plan } as Body }));
  if (options.watch) return followRollout(context.io, session, rollout.id, options);
  await printOne(context.io, options.output, rollout, rollout.id, `${describeRollout(rollout)}Follow it: claw rollout watch ${rollout.id}\n`);
}

function wishOf(options: CreateOptions): Partial<Body> {
  const change = changeOf(options);
  if (!change && options.file === undefined) throw usageError('Nothing is said of what to change.', 'Give one of --set, --to-version, --config and --restart.');
  const { labels, type, approvals, rollbackOnFailure } = options;
  if (approvals !== undefined && !/^[1-9]\d?$/.test(approvals)) throw usageError('--approvals takes a number from 1.');
  return {
    ...(change ? { change } : {}),
    ...(labels || type ? { selector: { ...(labels ? { labels } : {}), ...(type ? { type } : {}) } } : {}),
    ...(approvals ? { approvalBeforeStart: { count: Number(approvals) } as Body['approvalBeforeStart'] } : {}),
    ...(rollbackOnFailure ? { failureBudget: { size: { count: 0 }, action: 'rollback' } } : {}),
  } as Partial<Body>;
}

function changeOf({ set = [], unset = [], toVersion, config, restart }: CreateOptions): Body['change'] | null {
  const wanted: Body['change'][] = [];
  if (set.length + unset.length > 0) wanted.push({ kind: 'overrides', set: parseOverrides(set), unset: [...unset] });
  if (toVersion) wanted.push({ kind: 'version', version: toVersion });
  if (config) wanted.push(pinOf(config));
  if (restart) wanted.push({ kind: 'restart' });
  if (wanted.length > 1) throw usageError('A rollout carries one kind of change.', 'Begin one rollout for each.');
  return wanted[0] ?? null;
}

function pinOf(text: string): Body['change'] {
  const [, config = '', version = ''] = /^(.+)@(\d{1,6})$/.exec(text) ?? [];
  if (!config) throw usageError('--config takes a config and its version, e.g. cfg_01kah3…@4.');
  return { kind: 'config', config, version: Number(version) };
}
