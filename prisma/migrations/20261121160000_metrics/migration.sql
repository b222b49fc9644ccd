-- What claws and hosts used. One table holds every level: step 0 are samples as they came, the others sums of the level before, so
-- that one statement rolls up each level and one reads it. A moment of a claw is one row, however often it is sent.
CREATE TABLE instance_metric (
  instance_id text NOT NULL,
  step_seconds integer NOT NULL,
  at timestamptz(3) NOT NULL,
  tenant_id text NOT NULL,
  samples integer NOT NULL,
  cpu_millicores real NOT NULL,
  cpu_millicores_max integer NOT NULL,
  memory_bytes bigint NOT NULL,
  memory_bytes_max bigint NOT NULL,
  processes_max integer NOT NULL,
  restarts_total integer NOT NULL,
  disk_bytes bigint,
  CONSTRAINT instance_metric_pkey PRIMARY KEY (instance_id, step_seconds, at)
);
CREATE INDEX instance_metric_step_seconds_at_idx ON instance_metric (step_seconds, at);

CREATE TABLE host_metric (
  host_id text NOT NULL,
  step_seconds integer NOT NULL,
  at timestamptz(3) NOT NULL,
  tenant_id text,
  samples integer NOT NULL,
  cpu_millicores real NOT NULL,
  cpu_millicores_max integer NOT NULL,
  memory_bytes bigint NOT NULL,
  memory_bytes_max bigint NOT NULL,
  disk_used_bytes bigint NOT NULL,
  disk_total_bytes bigint NOT NULL,
  load1 real NOT NULL,
  CONSTRAINT host_metric_pkey PRIMARY KEY (host_id, step_seconds, at)
);
CREATE INDEX host_metric_step_seconds_at_idx ON host_metric (step_seconds, at);

ALTER TABLE instance_metric ENABLE ROW LEVEL SECURITY;
ALTER TABLE instance_metric FORCE ROW LEVEL SECURITY;
GRANT SELECT ON instance_metric TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON instance_metric TO clawloops_system;
CREATE POLICY tenant ON instance_metric FOR SELECT TO clawloops_app USING (tenant_id = current_setting('app.tenant', true));
CREATE POLICY system ON instance_metric TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY owner ON instance_metric TO clawloops_owner USING (true) WITH CHECK (true);

-- A host is seen by its own tenant, one of the platform by everybody, and so is what it measured.
ALTER TABLE host_metric ENABLE ROW LEVEL SECURITY;
ALTER TABLE host_metric FORCE ROW LEVEL SECURITY;
GRANT SELECT ON host_metric TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON host_metric TO clawloops_system;
CREATE POLICY tenant ON host_metric FOR SELECT TO clawloops_app USING (tenant_id IS NULL OR tenant_id = current_setting('app.tenant', true));
CREATE POLICY system ON host_metric TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY owner ON host_metric TO clawloops_owner USING (true) WITH CHECK (true);
