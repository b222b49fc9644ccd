import type { RuntimeFacts } from '../adapter.ts';

const GIBIBYTE = 1024 ** 3;

/** Facts of a claw on some host, with what a test wants otherwise. */
export function someFacts(changes: Partial<RuntimeFacts> = {}): RuntimeFacts {
  return {
    instance: { id: 'ins_01kah3v0000000000000', name: 'sales-bot', slug: 'sales-bot-k3v9q2ma' },
    ports: { gateway: 18_789, http: 18_789 },
    modelGatewayUrl: 'http://127.0.0.1:4100/v1',
    models: [{ id: 'demo', contextTokens: 128_000, maxOutputTokens: 4096 }],
    memoryBytes: 2 * GIBIBYTE,
    ...changes,
  };
}
