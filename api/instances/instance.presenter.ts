import type { FailureView } from '../../workflows/contracts/failures.ts';
import { type Condition, ConditionType, type InstanceSpec, type InstanceView, Phase } from '../../workflows/contracts/instance.ts';
import type { OperationKind, OperationState } from '../../workflows/contracts/operation.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import type { ClawCatalog } from './ports.ts';

/** Columns of an instance, as INSTANCE_COLUMNS selects them. */
export interface InstanceRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly owner_id: string | null;
  readonly name: string;
  readonly slug: string;
  readonly labels: Record<string, string>;
  readonly spec: InstanceSpec;
  readonly generation: number;
  readonly intent_phase: Phase;
  readonly phase: Phase;
  readonly reason: string | null;
  readonly message: string | null;
  readonly conditions: Condition[];
  readonly config_hash: string | null;
  readonly applied_version: string | null;
  readonly applied_generation: number;
  readonly transition_at: Date;
  readonly observed_fact: WorkloadFact | null;
  readonly observed_ready: boolean;
  readonly observed_restarts: number;
  readonly observed_at: Date | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly updated_at: Date;
  readonly last_updated_by: string;
  readonly manifest_chat: boolean;
  readonly manifest_page: boolean;
  readonly operation: { readonly id: string; readonly kind: OperationKind; readonly state: OperationState } | null;
}

/** Whether the manifest of the instance's type has a part. Manifests are large, so they are looked at once for the query, not for every row. */
const manifestHas = (part: 'chat' | 'ui') => `i.type = ANY(ARRAY(SELECT t.name FROM claw_type t WHERE t.manifest->'spec'->'${part}' IS NOT NULL))`;
const MANIFEST_CHAT = manifestHas('chat');
const MANIFEST_PAGE = manifestHas('ui');

/** The first operation that has not ended; older than the last 20 none is left open. */
const OPEN_OPERATION = `FROM operation o WHERE o.instance_id = i.id AND o.seq > i.operation_seq - 20 AND o.state IN ('pending', 'running', 'retrying') ORDER BY o.seq LIMIT 1`;

/** For `FROM instance i`. */
export const INSTANCE_COLUMNS = `i.id, i.tenant_id, i.project_id, i.owner_id, i.name, i.slug, i.labels, i.spec, i.generation, i.intent_phase, i.phase, i.reason, i.message,
  i.conditions, i.config_hash, i.applied_version, i.applied_generation, i.transition_at, i.observed_fact, i.observed_ready, i.observed_restarts,
  i.observed_at, i.created_at, i.created_by, i.updated_at, i.last_updated_by, ${MANIFEST_CHAT} AS manifest_chat, ${MANIFEST_PAGE} AS manifest_page,
  (SELECT jsonb_build_object('id', o.id, 'kind', o.kind, 'state', o.state) ${OPEN_OPERATION}) AS operation`;

/** For `FROM instance i`: a text that changes with everything that INSTANCE_COLUMNS selects. `xmin` is new for every version of a row. */
export const INSTANCE_STAMP = `concat_ws(' ', i.xmin, ${MANIFEST_CHAT}, ${MANIFEST_PAGE}, (SELECT o.id || ' ' || o.state ${OPEN_OPERATION}))`;

/** The resource as the API answers it. */
export function presentInstance(row: InstanceRow, catalog: Pick<ClawCatalog, 'builtIn'>): InstanceView {
  const ready = row.phase === Phase.running;
  const { chat, page } = catalog.builtIn(row.spec.type) ?? { chat: row.manifest_chat, page: row.manifest_page };
  const trouble = observedTrouble(row);
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    tenantId: row.tenant_id,
    projectId: row.project_id,
    ownerId: row.owner_id,
    labels: row.labels,
    generation: row.generation,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
    lastUpdatedBy: row.last_updated_by,
    spec: row.spec,
    status: {
      phase: row.phase,
      ready,
      readyReplicas: ready ? 1 : 0,
      observedGeneration: row.applied_generation,
      restarts: row.observed_restarts,
      lastTransitionTime: row.transition_at.toISOString(),
      reason: trouble?.reason ?? row.reason,
      message: trouble?.message ?? row.message,
      conditions: conditionsOf(row, trouble),
      revision: { configHash: row.config_hash, version: row.applied_version, skills: [], plugins: [] },
      operation: row.operation,
      endpoints: { chat: chat ? `/api/v1/instances/${row.id}/stream` : null, page: page ? `/open/${row.slug}` : null },
    },
  };
}

interface Trouble {
  readonly reason: string;
  readonly message: string;
}

const PHASE_TROUBLE: Partial<Record<WorkloadFact['phase'], Trouble>> = {
  preparing: { reason: 'Preparing', message: 'The host installs what the claw needs.' },
  starting: { reason: 'Starting', message: 'The process runs; it does not answer yet.' },
  running: { reason: 'NotReady', message: 'The process runs; it does not say that it is ready.' },
  'backing-off': { reason: 'PROCESS_EXITED' satisfies FailureView['code'], message: 'The process ended and is being restarted.' },
  blocked: { reason: 'Blocked', message: 'The host cannot start the process.' },
};

/** Why a claw that should run does not answer; null when it answers or should not run. */
function observedTrouble(row: InstanceRow): Trouble | null {
  if (row.intent_phase !== Phase.running || row.observed_ready) return null;
  const fact = row.observed_fact;
  if (!fact) return { reason: 'NotObserved', message: 'The host has not spoken of it yet.' };
  if (fact.error) return { reason: fact.error.code, message: fact.error.message };
  return PHASE_TROUBLE[fact.phase] ?? { reason: 'NotRunning', message: 'The process does not run.' };
}

/** What the entity knows, and the two conditions that only the newest observation can tell. */
function conditionsOf(row: InstanceRow, trouble: Trouble | null): Condition[] {
  const at = (row.observed_at ?? row.transition_at).toISOString();
  const kept = row.conditions.filter(({ type }) => type !== ConditionType.ready && type !== ConditionType.gatewayReady);
  return [readyCondition(row, trouble, at), gatewayCondition(row, trouble, at), ...kept];
}

function readyCondition(row: InstanceRow, trouble: Trouble | null, at: string): Condition {
  const type = ConditionType.ready;
  if (row.phase === Phase.running) return { type, status: 'True', reason: 'Running', message: 'It runs and answers.', lastTransitionTime: at };
  const reason = trouble?.reason ?? row.reason ?? row.phase;
  const message = trouble?.message ?? row.message ?? `It is ${row.phase}.`;
  return { type, status: 'False', reason, message, lastTransitionTime: row.transition_at.toISOString() };
}

function gatewayCondition(row: InstanceRow, trouble: Trouble | null, at: string): Condition {
  const type = ConditionType.gatewayReady;
  if (row.observed_ready) return { type, status: 'True', reason: 'Answered', message: 'The claw answers.', lastTransitionTime: at };
  if (!row.observed_fact) return { type, status: 'Unknown', reason: 'NotObserved', message: 'The host has not spoken of it yet.', lastTransitionTime: at };
  const { reason, message } = trouble ?? { reason: 'NotRunning', message: 'The process does not run.' };
  return { type, status: 'False', reason, message, lastTransitionTime: at };
}
