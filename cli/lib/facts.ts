import type { components } from '../../frontend/src/api/schema.d.ts';
import { age, bytes, oneLine, span } from './text.ts';

export type HealthFact = components['schemas']['HealthFact'];

/** `eventLoopDelayP99` as `event loop delay p99`. */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

function valueText({ value, unit }: HealthFact, now: Date): string {
  if (typeof value === 'string') return unit === 'time' ? age(value, now) : oneLine(value);
  const forms: Readonly<Record<string, () => string>> = {
    bytes: () => bytes(value),
    seconds: () => span(value),
    days: () => `${value} ${value === 1 ? 'day' : 'days'}`,
    milliseconds: () => `${value} ms`,
  };
  return forms[unit]?.() ?? String(value);
}

/** What is known of a part, one line for what is true of all of it and one for each thing there are several of. */
export function factLines(facts: readonly HealthFact[], now: Date): string[] {
  const groups = Map.groupBy(facts, ({ of }) => of ?? '');
  return [...groups].map(([of, group]) => `${of ? `${oneLine(of)}: ` : ''}${group.map((fact) => `${words(fact.name)} ${valueText(fact, now)}`).join(', ')}`);
}
