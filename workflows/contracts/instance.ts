import type { ConfigPin } from './config.ts';
import type { FailureCode } from './failures.ts';
import type { OperationKind } from './operation.ts';

export const Phase = {
  creating: 'Creating',
  running: 'Running',
  stopped: 'Stopped',
  failed: 'Failed',
  destroyed: 'Destroyed',
  starting: 'Starting',
  stopping: 'Stopping',
  updating: 'Updating',
  destroying: 'Destroying',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export const ConditionType = {
  ready: 'Ready',
  scheduled: 'Scheduled',
  configApplied: 'ConfigApplied',
  gatewayReady: 'GatewayReady',
  modelReady: 'ModelReady',
  skillsApplied: 'SkillsApplied',
} as const;
export type ConditionType = (typeof ConditionType)[keyof typeof ConditionType];

/** `reason` is a code (PascalCase for good news, a failure code for bad news), `message` a sentence. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** One setting of a claw; `key` is a dotted path of the unified config such as `model.name`. */
export interface ConfigOverride {
  readonly key: string;
  readonly value: unknown;
}

/**
 * What the settings of an instance are made of. `layers`: versions of configs, pinned, so that nothing changes under a running claw by itself;
 * the order does not matter, the level of each says what it gives way to. `variables`: values of what their templates leave open. Absent: none.
 */
export interface InstanceConfig {
  readonly overrides: readonly ConfigOverride[];
  readonly layers?: readonly ConfigPin[] | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Kubernetes quantities: cpu `"500m"` or `"1"`, memory and storage `"512Mi"` or `"2Gi"`. */
export interface Resources {
  readonly cpu: string;
  readonly memory: string;
  readonly storage: string;
}

export interface InstanceSpec {
  readonly type: string;
  readonly version: string;
  readonly replicas: number;
  readonly placement: { readonly driver: 'host'; readonly hostId: string };
  readonly resources: Resources;
  readonly config: InstanceConfig;
}

export interface InstanceStatus {
  readonly phase: Phase;
  readonly ready: boolean;
  readonly readyReplicas: number;
  readonly observedGeneration: number;
  readonly restarts: number;
  readonly lastTransitionTime: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly conditions: readonly Condition[];
  readonly revision: {
    readonly configHash: string | null;
    readonly version: string | null;
    readonly skills: readonly string[];
    readonly plugins: readonly string[];
  };
  readonly operation: { readonly id: string; readonly kind: OperationKind; readonly state: string } | null;
  /** `chat`: a path of the API; `page`: a path of the portal that opens the claw's own web page. Null: the claw has none. */
  readonly endpoints: { readonly chat: string | null; readonly page: string | null };
}

export interface InstanceView {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly ownerId: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly generation: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly lastUpdatedBy: string;
  readonly spec: InstanceSpec;
  readonly status: InstanceStatus;
}

/**
 * Which operation may be asked for in which phase. One table for the API (409 with what is allowed) and the portal (what it
 * offers). `kill` and `destroy` pre-empt, `retry` replaces a create that failed or waits for its next attempt.
 */
export const LEGAL_OPERATIONS: Readonly<Record<Phase, readonly OperationKind[]>> = {
  Creating: ['kill', 'retry', 'destroy'],
  Running: ['stop', 'restart', 'kill', 'update', 'rotate-key', 'destroy'],
  Starting: ['stop', 'restart', 'kill', 'update', 'destroy'],
  Updating: ['kill', 'destroy'],
  Stopping: ['kill', 'destroy'],
  Stopped: ['start', 'update', 'rotate-key', 'destroy'],
  Failed: ['start', 'retry', 'update', 'stop', 'kill', 'destroy'],
  Destroying: [],
  Destroyed: [],
};

/** The batch of a rollout that an operation belongs to: it is told of the end. A step is tried less often, because the rollout judges. */
export interface RolloutOrigin {
  readonly workflowId: string;
  readonly maxAttempts: number;
}

/** What the relay signals to the entity; everything else it needs it reads through activities. */
export interface InstanceCommand {
  readonly operationId: string;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly generation: number;
  /** Operation parameters without secrets, e.g. `{ retention: 'wipe' }`. */
  readonly params: { readonly retention?: 'retain' | 'wipe'; readonly rollout?: RolloutOrigin };
  /** W3C traceparent of the request that asked for it, while that is traced. */
  readonly traceparent?: string;
}

/** A fact about the workload that changes what the entity must do; sent by the observer. */
export interface InstanceFact {
  readonly kind: 'pending' | 'exited' | 'ready' | 'not-ready' | 'running' | 'stopped' | 'removed' | 'crash-loop' | 'lost' | 'drifted' | 'blocked';
  readonly generation: number;
  /** Number of the bridge's fact; a fact that is not newer than the last one says nothing new. */
  readonly seq: number;
  readonly restarts: number;
  readonly at: string;
  readonly code: FailureCode | null;
  readonly message: string | null;
}

/** Names of the entity's message handlers. */
export const InstanceMessage = { command: 'command', fact: 'fact', control: 'control', view: 'view' } as const;

export interface ControlRequest {
  readonly operationId: string;
  readonly control: 'retry-now' | 'give-up' | 'cancel';
  readonly requestedBy: string;
}
