import type pg from 'pg';
import type { AdapterRegistry, ClawAdapter } from '../../activities/adapters/adapter.ts';
import type { ClawTypeManifest } from '../../workflows/contracts/claw-type.ts';
import { Failure } from '../../workflows/contracts/failures.ts';

/** The claws a tenant may create: the built-in types and the manifests it registered. */
export function createClawCatalog(registry: AdapterRegistry) {
  return {
    builtIn: (type: string): { chat: boolean; page: boolean } | null => {
      const adapter = registry.builtIn.get(type);
      return adapter ? { chat: adapter.chat !== null, page: adapter.page !== null } : null;
    },
    /** Throws UNKNOWN_TYPE with the types there are. */
    find: async (sql: pg.ClientBase, type: string): Promise<ClawAdapter> => {
      const builtIn = registry.builtIn.get(type);
      if (builtIn) return builtIn;
      const manifest = await findManifest(sql, type);
      if (manifest) return registry.fromManifest(manifest);
      const { rows } = await sql.query<{ name: string }>('SELECT name FROM claw_type ORDER BY name');
      const known = [...registry.builtIn.keys(), ...rows.map((row) => row.name)];
      const message = `Known types: ${known.join(', ')}.`;
      throw new Failure('UNKNOWN_TYPE', `The claw type ${type} is not known. ${message}`, { errors: [{ path: '/type', message }], allowed: known });
    },
  };
}

export type ClawCatalog = ReturnType<typeof createClawCatalog>;

async function findManifest(sql: pg.ClientBase, name: string): Promise<ClawTypeManifest | null> {
  const { rows } = await sql.query<{ manifest: ClawTypeManifest }>('SELECT manifest FROM claw_type WHERE name = $1', [name]);
  return rows[0]?.manifest ?? null;
}
