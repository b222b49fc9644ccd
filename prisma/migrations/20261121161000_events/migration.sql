-- What happened to instances, hosts, providers, operations and keys, for people. Equal events are one row that counts.
CREATE TABLE fleet_event (
  id text NOT NULL,
  tenant_id text NOT NULL,
  type text NOT NULL,
  severity text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  subject_name text NOT NULL,
  actor_kind text NOT NULL,
  actor_id text,
  instance_id text,
  host_id text,
  operation_id text,
  request_id text,
  data jsonb NOT NULL DEFAULT '{}',
  count integer NOT NULL DEFAULT 1,
  first_at timestamptz(3) NOT NULL DEFAULT now(),
  last_at timestamptz(3) NOT NULL DEFAULT now(),
  fold_key text NOT NULL,
  CONSTRAINT fleet_event_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX fleet_event_tenant_id_fold_key_key ON fleet_event (tenant_id, fold_key);
CREATE INDEX fleet_event_tenant_id_last_at_idx ON fleet_event (tenant_id, last_at DESC, id DESC);
CREATE INDEX fleet_event_instance_id_last_at_idx ON fleet_event (tenant_id, instance_id, last_at DESC, id DESC) WHERE instance_id IS NOT NULL;
CREATE INDEX fleet_event_host_id_last_at_idx ON fleet_event (tenant_id, host_id, last_at DESC, id DESC) WHERE host_id IS NOT NULL;
-- What is old is removed across tenants.
CREATE INDEX fleet_event_last_at_idx ON fleet_event (last_at);

ALTER TABLE fleet_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE fleet_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fleet_event TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON fleet_event TO clawloops_owner USING (true) WITH CHECK (true);
CREATE POLICY system ON fleet_event TO clawloops_system USING (true) WITH CHECK (true);
-- The application adds and counts; only the platform forgets.
GRANT SELECT, INSERT, UPDATE ON fleet_event TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON fleet_event TO clawloops_system;
