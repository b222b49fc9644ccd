-- Something that one person should know, committed with what it tells of.
CREATE TABLE notification (
  id text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  kind text NOT NULL,
  subject_id text NOT NULL,
  subject_name text NOT NULL,
  data jsonb NOT NULL,
  dedupe_key text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  read_at timestamptz(3),
  CONSTRAINT notification_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX notification_tenant_id_user_id_dedupe_key_key ON notification (tenant_id, user_id, dedupe_key);
CREATE INDEX notification_tenant_id_user_id_id_idx ON notification (tenant_id, user_id, id DESC);
CREATE INDEX notification_created_at_idx ON notification (created_at);

-- Which kinds reach a person in a tenant, and how.
CREATE TABLE notification_setting (
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  portal text[] NOT NULL,
  mail text[] NOT NULL,
  locale text NOT NULL,
  CONSTRAINT notification_setting_pkey PRIMARY KEY (tenant_id, user_id)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['notification', 'notification_setting'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (tenant_id = current_setting(''app.tenant'', true)) WITH CHECK (tenant_id = current_setting(''app.tenant'', true))', name);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (read_at) ON notification TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_setting TO clawloops_app;
-- Old ones are forgotten with old events.
CREATE POLICY system ON notification TO clawloops_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE, DELETE ON notification TO clawloops_system;
