import type { Diagnosis, Finding } from '../lib/diagnosis.ts';
import type { ViewContext } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { oneLine, table } from '../lib/text.ts';

const SAID = {
  ok: 'All is well.',
  degraded: 'It works, but not all of it.',
  down: 'Something is down.',
} as const;

function row({ name, status, version, latencyMs, message }: Finding, { paint }: ViewContext): string[] {
  return [
    oneLine(name),
    paintState(paint, status),
    version ? oneLine(version) : '-',
    latencyMs === undefined ? '-' : `${Math.round(latencyMs)} ms`,
    oneLine(message ?? ''),
  ];
}

/** A line for each thing that was looked at, then what mends what is wrong, the worst first. */
export function formatDiagnosis({ status, components }: Diagnosis, context: ViewContext): string {
  const rows = components.map((finding) => row(finding, context));
  const wrong = [...components.filter((one) => one.status === 'down'), ...components.filter((one) => one.status === 'degraded')];
  const fixes = wrong.flatMap(({ name, fix }) => (fix ? [`  ${oneLine(name)}: ${oneLine(fix)}\n`] : []));
  const mend = fixes.length > 0 ? `\nWhat to do\n${fixes.join('')}` : '';
  return `${SAID[status]}\n\n${table(['PART', 'STATE', 'VERSION', 'ANSWERS IN', ''], rows)}${mend}`;
}
