import type { InstanceFact } from '../../workflows/contracts/instance.ts';
import type { Retention } from '../../workflows/contracts/operation.ts';

/** Which instance an activity is about, on behalf of which operation, and the generation of desired state that it writes. */
export interface StepInput {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly operationId: string;
  readonly generation: number;
}

/** What a plan depends on besides the kind of operation. Learned by one activity when the operation begins. */
export interface InstanceOutline {
  readonly type: string;
  /**
   * `none`: there is no key that could be given to the claw, so one is minted. `held`: a sealed copy of the newest one is kept until
   * a model answered to it. `settled`: the claw has it and nobody else.
   */
  readonly key: 'none' | 'held' | 'settled';
  /** How a model key reaches the claw. */
  readonly keyDelivery: 'dial' | 'env' | 'none';
  /** Whether the claw can be asked which configuration it has applied. */
  readonly confirmsConfig: boolean;
  /** Whether the version brings a validator of its own. */
  readonly checksConfig: boolean;
  /** Whether a package or a Node of its own must be installed for the version. */
  readonly needsRuntime: boolean;
  /** Whether what should run differs from what the runtime was last told. */
  readonly changed: boolean;
  /** Desired state that the runtime has on record, null = none. */
  readonly workload: 'running' | 'stopped' | 'removed' | null;
}

/** `skipped`: there was nothing to do. */
export interface StepOutcome {
  readonly skipped: boolean;
  /** Seconds the claw may take to drain before it is gone, where the step ends its process. */
  readonly graceSeconds?: number;
}

export interface AppliedOutcome extends StepOutcome {
  readonly version: string;
  readonly configHash: string;
  /** Seconds the claw type gives itself to become ready, null = it does not say. */
  readonly readyWithinSeconds: number | null;
}

export interface ProbeOutcome extends StepOutcome {
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

/** Activities of one instance. Each is idempotent and may run again at any time; failures are `ApplicationFailure`s whose type is a failure code. */
export interface InstanceActivities {
  /** What the plan of an operation depends on. Never fails for what is wrong with the spec: the steps say that. */
  outlineInstance(input: StepInput): Promise<InstanceOutline>;
  /** A generation above every earlier one of the instance, for what the entity does by itself. Asking again answers a later one. */
  nextGeneration(input: { readonly tenantId: string; readonly instanceId: string }): Promise<number>;
  reserveSlot(input: StepInput): Promise<StepOutcome>;
  issueModelKey(input: StepInput & { readonly rotate: boolean }): Promise<StepOutcome>;
  prepareRuntime(input: StepInput): Promise<StepOutcome>;
  renderConfig(input: StepInput): Promise<StepOutcome>;
  applyWorkload(input: StepInput & { readonly restart: boolean }): Promise<AppliedOutcome>;
  /** Tells the runtime again what it was told last, so that it tries at once. */
  repeatWorkload(input: { readonly tenantId: string; readonly instanceId: string }): Promise<StepOutcome>;
  observeWorkload(input: {
    readonly tenantId: string;
    readonly instanceId: string;
  }): Promise<{ readonly fact: InstanceFact | null; readonly hostConnected: boolean }>;
  verifyConfig(input: StepInput): Promise<StepOutcome>;
  deliverModelKey(input: StepInput): Promise<StepOutcome>;
  probeModel(input: StepInput): Promise<ProbeOutcome>;
  stopWorkload(input: { readonly tenantId: string; readonly instanceId: string; readonly generation: number }): Promise<StepOutcome>;
  killWorkload(input: StepInput): Promise<StepOutcome>;
  destroyWorkload(input: StepInput & { readonly retention: Retention }): Promise<StepOutcome>;
  revokeModelKeys(input: StepInput): Promise<StepOutcome>;
  /** Gives the slot back; `forget` also drops the runtime's record, which must be gone by then. */
  releaseInstance(input: StepInput & { readonly forget: boolean }): Promise<StepOutcome>;
}
