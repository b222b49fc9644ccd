import { Failure } from '../../../workflows/contracts/failures.ts';
import type { RuntimeRef } from '../../../workflows/contracts/workload.ts';

/** Node that each known version asks for. Newest first: the first one is what a new claw gets. */
const NODE_RANGES: Readonly<Record<string, string>> = {
  '2026.9.6': '>=24.16.0 <25 || >=26.1.0',
};

/** Left by an install without scripts: as long as it is there, OpenClaw wants to finish its install at every start, which a claw's user may not do. */
const PENDING_MARKS = ['node_modules/openclaw/.openclaw-lifecycle-pending'];

/** OpenClaw versions whose configuration and control surface this adapter knows, newest first. */
export const OPENCLAW_VERSIONS: readonly string[] = Object.keys(NODE_RANGES);

/** The package and the Node of a version. Throws UNKNOWN_VERSION for one that the adapter does not know. */
export function runtimeOf(version: string): RuntimeRef {
  const node = Object.hasOwn(NODE_RANGES, version) ? NODE_RANGES[version] : undefined;
  if (node === undefined) throw new Failure('UNKNOWN_VERSION', `openclaw has no version ${JSON.stringify(version.slice(0, 40))} here.`, unknownVersion());
  return { type: 'openclaw', version, install: { npm: `openclaw@${version}` }, node, remove: PENDING_MARKS };
}

function unknownVersion(): { errors: { path: string; message: string }[]; versions: readonly string[] } {
  return { errors: [{ path: '/spec/version', message: `one of ${OPENCLAW_VERSIONS.join(', ')}` }], versions: OPENCLAW_VERSIONS };
}
