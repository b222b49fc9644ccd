import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import { formatTable, type ViewContext } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, dollars, oneLine, table } from '../lib/text.ts';
import { labelText } from './instance.ts';
import { OPERATIONS } from './operation.ts';
import { attemptText } from './steps.ts';

/** What `claw describe` puts together; `null` where a part could not be had. */
export interface Description {
  readonly instance: InstanceView;
  readonly provenance: readonly { readonly key: string; readonly value?: unknown; readonly source: string }[] | null;
  readonly usage: {
    readonly requests: number;
    readonly errors: number;
    readonly promptTokens: number;
    readonly completionTokens: number;
    readonly costMicroUsd: number;
  } | null;
  readonly operations: readonly OperationView[];
}

function fields(pairs: readonly (readonly [string, string | null])[]): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(...shown.map(([label]) => label.length)) + 3;
  return shown.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}\n`).join('');
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');

function section(title: string, body: string): string {
  return body ? `\n${title}\n${indent(body)}` : '';
}

function summary(instance: InstanceView, { now, paint }: ViewContext): string {
  const { spec, status } = instance;
  return fields([
    ['Name', instance.name],
    ['Id', instance.id],
    [
      'Phase',
      `${paintState(paint, status.phase)}${status.phase === 'Running' ? (status.ready ? ', ready' : ', not ready') : ''} since ${age(status.lastTransitionTime, now)}`,
    ],
    ['Reason', status.reason ? `${status.reason}${status.message ? `: ${oneLine(status.message)}` : ''}` : null],
    ['Type', `${spec.type} ${spec.version}`],
    ['Host', spec.placement.hostId],
    ['Resources', `cpu ${spec.resources.cpu}, memory ${spec.resources.memory}, storage ${spec.resources.storage}`],
    ['Labels', labelText(instance.labels)],
    ['Restarts', String(status.restarts)],
    ['Generation', `${instance.generation} (applied ${status.observedGeneration})`],
    ['Created', `${instance.createdAt} by ${instance.createdBy}`],
  ]);
}

function runningOperation(operations: readonly OperationView[], { now }: ViewContext): string {
  const running = operations.find(({ finishedAt }) => finishedAt === null);
  if (!running) return '';
  const step = running.steps.find(({ state }) => state === 'running' || state === 'retrying');
  return fields([
    ['Operation', `${running.kind} ${running.state} (${running.id})`],
    ['Step', step ? [step.name, attemptText(step, now)].filter(Boolean).join(': ') : null],
    ['Next', step?.error ? oneLine(step.error.nextStep) : null],
    ['You can', running.allowed.length > 0 ? running.allowed.map((control) => `claw operations ${control} ${running.id}`).join(' | ') : null],
  ]);
}

/** The whole of an instance for a person: summary, what is happening, conditions, settings with their source, usage, operations. */
export function formatDescription({ instance, provenance, usage, operations }: Description, context: ViewContext): string {
  const conditions = instance.status.conditions.map((row) => [row.type, row.status, row.reason, oneLine(row.message)]);
  const settings = (provenance ?? []).map((row) => [oneLine(row.key), oneLine(JSON.stringify(row.value) ?? '-'), row.source]);
  return [
    summary(instance, context),
    section('Now', runningOperation(operations, context)),
    section('Conditions', conditions.length > 0 ? table(['TYPE', 'STATUS', 'REASON', 'MESSAGE'], conditions) : ''),
    section('Settings', settings.length > 0 ? table(['KEY', 'VALUE', 'FROM'], settings) : ''),
    section(
      'Usage',
      usage
        ? fields([
            ['Requests', `${usage.requests} (${usage.errors} failed)`],
            ['Tokens', `${usage.promptTokens} in, ${usage.completionTokens} out`],
            ['Cost', dollars(usage.costMicroUsd)],
          ])
        : '',
    ),
    section('Operations', operations.length > 0 ? formatTable(OPERATIONS, operations, false, context) : ''),
  ].join('');
}
