import type { Diagnosis, Finding } from '../lib/diagnosis.ts';
import { factLines } from '../lib/facts.ts';
import type { ViewContext } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine, table } from '../lib/text.ts';

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

/** What is known of each part besides how it is. */
function details(components: readonly Finding[], now: Date): string {
  const lines = components.flatMap(({ name, since, facts = [] }) => {
    const [first = '', ...rest] = factLines(facts, now);
    const up = since ? `since ${age(since, now)}` : '';
    const head = [up, first].filter(Boolean).join(', ');
    return head || rest.length > 0 ? [`  ${oneLine(name)}: ${head}\n`, ...rest.map((line) => `    ${line}\n`)] : [];
  });
  return lines.length > 0 ? `\nIn detail\n${lines.join('')}` : '';
}

/** A line for each thing that was looked at, what is known of it, then what mends what is wrong, the worst first. */
export function formatDiagnosis({ status, components }: Diagnosis, context: ViewContext): string {
  const rows = components.map((finding) => row(finding, context));
  const wrong = [...components.filter((one) => one.status === 'down'), ...components.filter((one) => one.status === 'degraded')];
  const advised = components.filter((one) => one.status === 'ok' && one.fix);
  const fixes = [...wrong, ...advised].flatMap(({ name, fix }) => (fix ? [`  ${oneLine(name)}: ${oneLine(fix)}\n`] : []));
  const mend = fixes.length > 0 ? `\nWhat to do\n${fixes.join('')}` : '';
  return `${SAID[status]}\n\n${table(['PART', 'STATE', 'VERSION', 'ANSWERS IN', ''], rows)}${details(components, context.now)}${mend}`;
}
