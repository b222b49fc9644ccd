import type { Homes } from '../supervisor/homes.ts';
import type { LaunchPlan } from '../supervisor/managed-process.ts';
import type { PlatformSecrets, SecretFiles } from '../supervisor/secrets.ts';

/** What every part is given. */
export interface PartContext {
  readonly root: string;
  readonly homes: Homes;
  readonly secrets: PlatformSecrets & SecretFiles;
  /** Port of a name that some part lists in its `ports`. */
  port(name: string): number;
  /** Extra environment of our own processes (api, worker, bridge), given by whoever starts the platform. */
  readonly extraEnv: Readonly<Record<string, string>>;
  /** What tasks leave for the parts that need them. */
  readonly outputs: PartOutputs;
}

/** Results of one-time steps. */
export interface PartOutputs {
  setupCode: string | null;
  portalDist: string | null;
  workflowBundle: string | null;
}

/** What a service tells before its first start. */
export interface ServicePlan extends LaunchPlan {
  readonly version: string | null;
  readonly source: string | null;
}

/** Progress of one step in words, e.g. "fetching temporal 1.9.1". */
export type Report = (text: string) => void;

/** A long-lived process. */
export interface ServicePart {
  readonly kind: 'service';
  readonly name: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** Parts to wait for where they are wanted anyway; it works without them. */
  readonly after?: readonly string[];
  /** Names of the ports it takes; the first is the one that `npm run status` shows. */
  readonly ports: readonly string[];
  plan(context: PartContext, report: Report): Promise<ServicePlan>;
  /** What must be done once it is ready and before others use it; repeated on every start of the platform. */
  afterReady?(context: PartContext): Promise<void>;
}

/** A step that ends by itself. */
export interface TaskPart {
  readonly kind: 'task';
  readonly name: string;
  readonly title: string;
  readonly needs: readonly string[];
  run(context: PartContext, report: Report): Promise<void>;
}

export type Part = ServicePart | TaskPart;
