import type { AdapterRegistry, ClawAdapter } from './adapter.ts';
import { customAdapter } from './custom/custom.ts';
import { openClawAdapter } from './openclaw/openclaw.ts';

/** Every adapter there is: the built-in types, and a maker for those that a tenant registered. */
export function createAdapterRegistry(): AdapterRegistry {
  const builtIn: readonly ClawAdapter[] = [openClawAdapter as ClawAdapter];
  return { builtIn: new Map(builtIn.map((adapter) => [adapter.type, adapter])), fromManifest: customAdapter as AdapterRegistry['fromManifest'] };
}
