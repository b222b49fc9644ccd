/** A place in the database that holds envelopes. */
export interface SealedColumn {
  readonly table: string;
  /** What tells its rows apart, in an order that an index has. */
  readonly key: readonly string[];
  /** SQL that reads the envelope of a row. */
  readonly envelope: string;
  /** SQL of the assignment that puts the envelope `$1` into a row. */
  readonly assign: string;
}

/** Every place there is. A column that is sealed and not here would keep its old key for ever; a test looks for such. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'provider', key: ['id'], envelope: 'credential', assign: 'credential = $1' },
  { table: 'model_key', key: ['id'], envelope: 'sealed', assign: 'sealed = $1' },
  { table: 'workload', key: ['instance_id'], envelope: 'secrets', assign: 'secrets = $1' },
  { table: 'sso_connection', key: ['tenant_id'], envelope: 'client_secret', assign: 'client_secret = $1' },
  { table: 'config_secret', key: ['tenant_id', 'name'], envelope: 'sealed', assign: 'sealed = $1' },
  { table: 'mail_message', key: ['id'], envelope: 'sealed', assign: 'sealed = $1' },
  {
    table: 'idempotency_record',
    key: ['tenant_id', 'actor', 'key'],
    envelope: "(body->>'sealed')",
    assign: "body = jsonb_set(body, '{sealed}', to_jsonb($1::text))",
  },
];
