-- Pieces of the logs of claws in the object store. A row is there before its object and goes after it, so that no object is forgotten.
CREATE TABLE log_archive (
  id text NOT NULL,
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  from_at timestamptz(3) NOT NULL,
  to_at timestamptz(3) NOT NULL,
  bytes bigint NOT NULL,
  raw_bytes bigint NOT NULL,
  lines bigint NOT NULL,
  sha256 text NOT NULL,
  object_key text NOT NULL,
  stored_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT log_archive_pkey PRIMARY KEY (id)
);
-- A piece begins where the one before ended: so it is known again when it is sent twice.
CREATE UNIQUE INDEX log_archive_instance_id_from_at_key ON log_archive (instance_id, from_at);
CREATE INDEX log_archive_to_at_idx ON log_archive (to_at);

ALTER TABLE log_archive ENABLE ROW LEVEL SECURITY;
ALTER TABLE log_archive FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON log_archive TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON log_archive TO clawloops_owner USING (true) WITH CHECK (true);
CREATE POLICY system ON log_archive TO clawloops_system USING (true) WITH CHECK (true);
-- Bridges bring pieces and the platform forgets them; the application only reads.
GRANT SELECT ON log_archive TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON log_archive TO clawloops_system;
