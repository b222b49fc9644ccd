import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { formatTable, type View, type ViewContext } from '../lib/output.ts';
import { INSTANCES, labelText } from './instance.ts';

/** More than a screen of rows would push the question's beginning out of sight. */
const SHOWN = 40;

/** `1 instance`, `3 instances`. */
export function countText(count: number): string {
  return `${count} ${count === 1 ? 'instance' : 'instances'}`;
}

const AFFECTED: View<InstanceView> = {
  columns: [
    ...INSTANCES.columns.filter(({ title }) => ['NAME', 'PHASE', 'TYPE', 'OPERATION'].includes(title)),
    { title: 'LABELS', cell: ({ labels }) => labelText(labels) },
  ],
  name: INSTANCES.name,
  empty: INSTANCES.empty,
};

/** Who a bulk command is about, as a person sees it before agreeing. */
export function formatAffected(verb: string, selector: string, instances: readonly InstanceView[], context: ViewContext): string {
  const more = instances.length - SHOWN;
  const rows = formatTable(AFFECTED, instances.slice(0, SHOWN), false, context).replace(/^(?=.)/gm, '  ');
  return `${verb}: ${countText(instances.length)} with ${selector}\n${rows}${more > 0 ? `  and ${more} more: claw get --labels ${selector}\n` : ''}`;
}
