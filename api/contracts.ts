import { apiKeyContracts } from './api-keys/api-key.schema.ts';
import { clawTypeContracts } from './claw-types/claw-type.schema.ts';
import { hostContracts } from './hosts/host.schema.ts';
import type { RouteContract } from './http/contract.ts';
import { instanceContracts } from './instances/instance.contracts.ts';
import { meContracts } from './me/me.schema.ts';
import { operationContracts } from './operations/operation.schema.ts';
import { providerContracts } from './providers/provider.schema.ts';
import { streamContracts } from './realtime/stream.schema.ts';
import { setupContracts } from './setup/setup.schema.ts';
import { systemContracts } from './system/system.schema.ts';
import { usageContracts } from './usage/usage.schema.ts';

/** Every route under `/api/v1`, in the order of the document. */
export const CONTRACTS = [
  ...setupContracts,
  ...meContracts,
  ...apiKeyContracts,
  ...instanceContracts,
  ...streamContracts,
  ...operationContracts,
  ...hostContracts,
  ...clawTypeContracts,
  ...providerContracts,
  ...usageContracts,
  ...systemContracts,
] as unknown as readonly RouteContract[];
