import type { components } from '../../frontend/src/api/schema.d.ts';
import { FAILURES, isFailureCode } from '../../workflows/contracts/failures.ts';
import type { FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import type { Condition, InstanceView } from '../../workflows/contracts/instance.ts';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import type { ViewContext } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, bytes, dollars, oneLine } from '../lib/text.ts';
import { paragraph, wrappedTable } from '../lib/wrap.ts';
import { labelText } from './instance.ts';
import { attemptText } from './steps.ts';

type Schemas = components['schemas'];

/** What `describe` shows; what could not be had is null. */
export interface Description {
  readonly instance: InstanceView;
  readonly hostName: string | null;
  readonly provenance: Schemas['EffectiveConfig']['provenance'] | null;
  readonly metrics: Schemas['InstanceMetrics'] | null;
  readonly usage: Pick<Schemas['InstanceUsage'], 'requests' | 'errors' | 'promptTokens' | 'completionTokens' | 'costMicroUsd'> | null;
  /** Newest first. */
  readonly events: readonly FleetEventView[] | null;
  /** Newest first. */
  readonly operations: readonly OperationView[] | null;
}

type Pair = readonly [string, string | null];

function section(title: string, body: string, { paint }: ViewContext): string {
  return body ? `\n${paint('bold', title)}\n${body}` : '';
}

function fields(pairs: readonly Pair[], { width }: ViewContext): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  return wrappedTable(
    [],
    shown.map(([label, value]) => [`${label}:`, value]),
    width,
    2,
  );
}

/** `sales-bot is Running and ready since 30m.` */
function headline({ name, status }: InstanceView, { now, paint, width }: ViewContext): string {
  const readiness = status.phase !== 'Running' ? '' : status.ready ? ' and ready' : ', but not ready';
  return paragraph(`${paint('bold', oneLine(name))} is ${paintState(paint, status.phase)}${readiness} since ${age(status.lastTransitionTime, now)}.`, width);
}

/** What somebody can do about an instance as it is. */
function advice({ name, status }: InstanceView): string | null {
  if (status.reason && isFailureCode(status.reason)) return FAILURES[status.reason].nextStep;
  if (status.phase === 'Failed') return 'Look at its log, correct the cause, then start it.';
  return status.phase === 'Stopped' ? `Start it: claw start ${name}` : null;
}

/** What is going on, why, and what to do: of the operation that runs, else of the instance. */
function present(instance: InstanceView, operations: readonly OperationView[], context: ViewContext): string {
  const running = operations.find(({ finishedAt }) => finishedAt === null);
  const { status } = instance;
  const step = running?.steps.find(({ state }) => state === 'running' || state === 'retrying');
  const failed = status.phase === 'Failed' || status.reason !== null;
  return fields(
    [
      ['Operation', running ? `${running.kind} is ${running.state} since ${age(running.startedAt ?? running.createdAt, context.now)} (${running.id})` : null],
      ['Step', step ? [step.name, attemptText(step, context.now)].filter(Boolean).join(': ') : null],
      ['Why', !running && failed ? [oneLine(status.message ?? ''), status.reason && `(${status.reason})`].filter(Boolean).join(' ') || null : null],
      ['What to do', step?.error ? oneLine(step.error.nextStep) : running ? null : advice(instance)],
      ['Its log', !running && failed ? `claw logs ${instance.name}` : null],
      ['You can', running && running.allowed.length > 0 ? running.allowed.map((control) => `claw operations ${control} ${running.id}`).join(', or ') : null],
    ],
    context,
  );
}

function about(instance: InstanceView, hostName: string | null, context: ViewContext): string {
  const { spec, status } = instance;
  return fields(
    [
      ['Id', instance.id],
      ['Type', `${spec.type} ${spec.version}`],
      ['Host', hostName ? `${oneLine(hostName)} (${spec.placement.hostId})` : spec.placement.hostId],
      ['Labels', labelText(instance.labels)],
      ['Restarts', String(status.restarts)],
      [
        'Generation',
        instance.generation === status.observedGeneration ? `${instance.generation}` : `${instance.generation}, applied is ${status.observedGeneration}`,
      ],
      ['Created', `${age(instance.createdAt, context.now)} ago by ${instance.createdBy}`],
    ],
    context,
  );
}

function share(used: number | null, limit: number): string {
  return used === null || limit === 0 ? '-' : `${Math.round((used / limit) * 100)} %`;
}

/** What it uses now beside what it may use; without measurements only the latter. */
function resources({ spec }: InstanceView, metrics: Description['metrics'], { width }: ViewContext): string {
  const now = metrics?.points.findLast((point) => point.memoryBytes !== null || point.diskBytes !== null);
  const { cpu, memory, storage } = spec.resources;
  if (!metrics || !now)
    return wrappedTable(
      ['', 'LIMIT'],
      [
        ['cpu', cpu],
        ['memory', memory],
        ['storage', storage],
      ],
      width,
      2,
    );
  const disk = metrics.points.findLast((point) => point.diskBytes !== null)?.diskBytes ?? null;
  const { limits } = metrics;
  const rows = [
    ['cpu', now.cpuMillicores === null ? '-' : `${Math.round(now.cpuMillicores)}m`, cpu, share(now.cpuMillicores, limits.cpuMillicores)],
    ['memory', now.memoryBytes === null ? '-' : bytes(now.memoryBytes), memory, share(now.memoryBytes, limits.memoryBytes)],
    ['storage', disk === null ? '-' : bytes(disk), storage, share(disk, limits.storageBytes)],
  ];
  return wrappedTable(['', 'USED', 'LIMIT', 'SHARE'], rows, width, 2);
}

const MEANING = { True: 'yes', False: 'no', Unknown: 'not known' } as const;

/** `GatewayReady: yes since 30m. The claw answers.` */
function conditionText({ status, lastTransitionTime, message, reason }: Condition, { now, paint }: ViewContext): string {
  const word = status === 'True' ? paint('green', MEANING.True) : status === 'False' ? paint('red', MEANING.False) : MEANING.Unknown;
  const code = status === 'False' ? ` (${oneLine(reason)})` : '';
  return `${word} since ${age(lastTransitionTime, now)}. ${oneLine(message)}${code}`.trim();
}

function eventRows(events: readonly FleetEventView[], { now, paint }: ViewContext): string[][] {
  return events.toReversed().map((event) => [age(event.lastAt, now), paintState(paint, event.severity), oneLine(event.message)]);
}

function operationRows(operations: readonly OperationView[], { now, paint }: ViewContext): string[][] {
  return operations.map((operation) => [
    operation.kind,
    paintState(paint, operation.state),
    age(operation.createdAt, now),
    operation.id,
    operation.requestId ?? '-',
    operation.error ? oneLine(operation.error.message) : '',
  ]);
}

/** The whole of an instance for a person, as wide as the terminal: what is going on and what to do first, then everything else. */
export function formatDescription(description: Description, context: ViewContext): string {
  const { instance, hostName, provenance, metrics, usage, events, operations } = description;
  const { width } = context;
  const conditions = instance.status.conditions.map((row) => [`${row.type}:`, conditionText(row, context)]);
  const settings = (provenance ?? []).map((row) => [oneLine(row.key), row.source, oneLine(JSON.stringify(row.value) ?? '-')]);
  const used: readonly Pair[] = usage
    ? [
        ['Requests', `${usage.requests}, ${usage.errors} failed`],
        ['Tokens', `${usage.promptTokens} in, ${usage.completionTokens} out`],
        ['Cost', dollars(usage.costMicroUsd)],
      ]
    : [];
  const tableOf = (header: readonly string[], rows: readonly (readonly string[])[]) => (rows.length > 0 ? wrappedTable(header, rows, width, 2) : '');
  return [
    headline(instance, context),
    section('Now', present(instance, operations ?? [], context), context),
    section('About', about(instance, hostName, context), context),
    section('Resources', resources(instance, metrics, context), context),
    section('Conditions', tableOf([], conditions), context),
    section('Settings', tableOf(['KEY', 'FROM', 'VALUE'], settings), context),
    section('Models, last 24 h', fields(used, context), context),
    section('Last events', tableOf([], eventRows(events ?? [], context)), context),
    section('Last operations', tableOf(['KIND', 'STATE', 'AGE', 'ID', 'REQUEST', 'ERROR'], operationRows(operations ?? [], context)), context),
  ].join('');
}
