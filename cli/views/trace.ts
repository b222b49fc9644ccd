import type { components } from '../../frontend/src/api/schema.d.ts';
import { oneLine } from '../lib/text.ts';

const SHOWN = 10;

/** What an id belongs to, one line each, then the command that shows more. */
export function formatTrace({ id, kind, requestId, operationIds, instanceId, workflow }: components['schemas']['Trace']): string {
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['Kind', kind],
    ['Request', requestId],
    ...operationIds.slice(0, SHOWN).map((operation): [string, string] => ['Operation', operation]),
    ['', operationIds.length > SHOWN ? `and ${operationIds.length - SHOWN} more` : null],
    ['Instance', instanceId],
    ['Workflow', workflow?.id],
    ['Run', workflow?.runId],
    ['Page', workflow?.url],
  ];
  const lines = rows.flatMap(([label, value]) => (value ? [`${label ? `${label}:` : ''}`.padEnd(11) + oneLine(value)] : []));
  const more = instanceId ? `claw describe ${instanceId}` : kind === 'request' ? `claw operations list --request ${oneLine(id)}` : null;
  return `${lines.join('\n')}\n${more ? `\nMore: ${more}\n` : ''}`;
}
