import { Failure } from '../../workflows/contracts/failures.ts';
import type { Conditions } from './sql.ts';

/** One requirement of a selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'equals' | 'differs' | 'exists' | 'absent';
  readonly value: string;
}

const KEY = '[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?';
const VALUE = '[A-Za-z0-9._-]{0,63}';
const COMPARISON = new RegExp(`^(?<key>${KEY})(?<operator>=|==|!=)(?<value>${VALUE})$`);
const EXISTENCE = new RegExp(`^(?<not>!?)(?<key>${KEY})$`);
const REQUIREMENTS_MAX = 20;

/** Parses `env=prod,team!=x,owner,!legacy`. As in Kubernetes `!=` also matches what has no such label. */
export function parseLabelSelector(text: string | undefined): LabelRequirement[] {
  if (text === undefined || text.trim() === '') return [];
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > REQUIREMENTS_MAX) throw wrong(`must have at most ${REQUIREMENTS_MAX} requirements`);
  return parts.map(parseRequirement);
}

function parseRequirement(part: string): LabelRequirement {
  const comparison = COMPARISON.exec(part)?.groups;
  if (comparison) return { key: comparison.key ?? '', operator: comparison.operator === '!=' ? 'differs' : 'equals', value: comparison.value ?? '' };
  const existence = EXISTENCE.exec(part)?.groups;
  if (existence) return { key: existence.key ?? '', operator: existence.not ? 'absent' : 'exists', value: '' };
  throw wrong('must be requirements such as env=prod,team!=x');
}

function wrong(message: string): Failure {
  return new Failure('VALIDATION_FAILED', `The label selector ${message}.`, { errors: [{ path: '/query/labels', message }] });
}

/** Adds the requirements to a query over instances, of which `id` is the column with their id. */
export function selectLabels(conditions: Conditions, id: string, requirements: readonly LabelRequirement[]): void {
  for (const { key, operator, value } of requirements) {
    const same = operator === 'equals' || operator === 'differs' ? ` AND l.value = ${conditions.value(value)}` : '';
    const found = `EXISTS (SELECT 1 FROM instance_label l WHERE l.instance_id = ${id} AND l.key = ${conditions.value(key)}${same})`;
    conditions.add(operator === 'equals' || operator === 'exists' ? found : `NOT ${found}`);
  }
}
