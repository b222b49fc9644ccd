-- A filter and order of a list under a name. It belongs to one person in one tenant and follows them to every browser.
CREATE TABLE saved_view (
  id text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  list text NOT NULL,
  name text NOT NULL,
  query jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT saved_view_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX saved_view_tenant_id_user_id_list_name_key ON saved_view (tenant_id, user_id, list, name);

ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_view FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON saved_view TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON saved_view TO clawloops_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view TO clawloops_app;

-- The operations that one request was accepted with are found by it.
CREATE INDEX operation_request_id_idx ON operation (tenant_id, request_id, created_at DESC) WHERE request_id IS NOT NULL;
