-- Several tenants with many people each: states of a tenant, grants in single projects, roles on the platform, and row-level
-- security that also knows which projects somebody may see.

ALTER TABLE membership ADD CONSTRAINT membership_role_check CHECK (role IN ('owner', 'admin', 'operator', 'approver', 'member', 'viewer'));

ALTER TABLE tenant
  ADD COLUMN state text NOT NULL DEFAULT 'active' CONSTRAINT tenant_state_check CHECK (state IN ('active', 'suspended', 'deleting', 'deleted')),
  ADD COLUMN progress jsonb,
  ADD COLUMN created_by text,
  ADD COLUMN updated_at timestamptz(3) NOT NULL DEFAULT now(),
  ADD COLUMN last_updated_by text;
-- A deleted project keeps its row: destroyed instances and their usage still name it. Its name is free again.
ALTER TABLE project
  ADD COLUMN deleted_at timestamptz(3),
  ADD COLUMN created_by text,
  ADD COLUMN updated_at timestamptz(3) NOT NULL DEFAULT now(),
  ADD COLUMN last_updated_by text;

DROP INDEX project_tenant_id_name_key;
CREATE UNIQUE INDEX project_living_name_key ON project (tenant_id, name) WHERE deleted_at IS NULL;

CREATE TABLE project_grant (
  tenant_id text NOT NULL,
  project_id text NOT NULL,
  user_id text NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text,
  CONSTRAINT project_grant_pkey PRIMARY KEY (project_id, user_id),
  CONSTRAINT project_grant_role_check CHECK (role IN ('operator', 'approver', 'viewer'))
);
CREATE INDEX project_grant_tenant_id_user_id_idx ON project_grant (tenant_id, user_id);
ALTER TABLE project_grant ADD CONSTRAINT project_grant_project_id_fkey FOREIGN KEY (project_id) REFERENCES project (id) ON DELETE CASCADE;
-- Nobody keeps a grant who no longer belongs to the tenant.
ALTER TABLE project_grant ADD CONSTRAINT project_grant_membership_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES membership (tenant_id, user_id) ON DELETE CASCADE;
ALTER TABLE project_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_grant FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON project_grant TO clawloops_app;
CREATE POLICY tenant ON project_grant TO clawloops_app
  USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON project_grant TO clawloops_owner USING (true) WITH CHECK (true);

-- Who looks after the whole installation. No tenant's transaction reads it.
CREATE TABLE platform_role (
  user_id text NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text,
  CONSTRAINT platform_role_pkey PRIMARY KEY (user_id),
  CONSTRAINT platform_role_role_check CHECK (role IN ('admin', 'auditor'))
);
ALTER TABLE platform_role ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_role FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON platform_role TO clawloops_owner USING (true) WITH CHECK (true);
CREATE POLICY system ON platform_role FOR SELECT TO clawloops_system USING (true);
GRANT SELECT ON platform_role TO clawloops_system;

-- The platform looks at all tenants; what it changes of one it changes as that tenant.
GRANT SELECT ON tenant, project, membership TO clawloops_system;
CREATE POLICY system ON tenant FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system ON project FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system ON membership FOR SELECT TO clawloops_system USING (true);

-- Whoever set an installation up looks after it: the first owner of its first tenant.
INSERT INTO platform_role (user_id, role)
  SELECT m.user_id, 'admin' FROM membership m WHERE m.role = 'owner' AND m.tenant_id = (SELECT id FROM tenant ORDER BY created_at LIMIT 1)
  ORDER BY m.created_at LIMIT 1;

CREATE OR REPLACE FUNCTION adopt_first_owner(member_id text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
DECLARE first_tenant text;
BEGIN
  LOCK TABLE membership IN EXCLUSIVE MODE;
  IF EXISTS (SELECT 1 FROM membership) THEN
    RAISE EXCEPTION 'the platform has an owner already' USING ERRCODE = 'unique_violation';
  END IF;
  SELECT id INTO first_tenant FROM tenant ORDER BY created_at LIMIT 1;
  INSERT INTO membership (tenant_id, user_id, role) VALUES (first_tenant, member_id, 'owner');
  INSERT INTO platform_role (user_id, role) VALUES (member_id, 'admin') ON CONFLICT (user_id) DO UPDATE SET role = 'admin';
  RETURN first_tenant;
END $$;

-- Where somebody belongs, before a tenant is known, with their grants there as [{"projectId", "role"}]; oldest membership first.
DROP FUNCTION lookup_memberships(text);
CREATE FUNCTION lookup_memberships(member_id text) RETURNS TABLE (tenant_id text, tenant_name text, tenant_state text, role text, grants jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT m.tenant_id, t.name, t.state, m.role,
     coalesce((SELECT jsonb_agg(jsonb_build_object('projectId', g.project_id, 'role', g.role) ORDER BY g.project_id)
               FROM project_grant g WHERE g.tenant_id = m.tenant_id AND g.user_id = m.user_id), '[]')
   FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE m.user_id = member_id AND t.state <> 'deleted' ORDER BY m.created_at, m.tenant_id $$;

CREATE FUNCTION lookup_platform_role(person_id text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT p.role FROM platform_role p WHERE p.user_id = person_id $$;

-- Gives, changes or (null) takes a role on the platform, in the transaction that audits it; answers the one before. The last admin stays.
CREATE FUNCTION change_platform_role(person_id text, wanted text, changed_by text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
DECLARE before text;
BEGIN
  -- All of them in one order: of two admins who take it from each other one stays.
  PERFORM 1 FROM platform_role ORDER BY user_id FOR UPDATE;
  SELECT role INTO before FROM platform_role WHERE user_id = person_id;
  IF before = 'admin' AND wanted IS DISTINCT FROM 'admin' AND NOT EXISTS (SELECT 1 FROM platform_role WHERE role = 'admin' AND user_id <> person_id) THEN
    RAISE EXCEPTION 'the platform keeps at least one admin' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'platform_role_last_admin';
  END IF;
  IF wanted IS NULL THEN
    DELETE FROM platform_role WHERE user_id = person_id;
  ELSE
    INSERT INTO platform_role (user_id, role, created_by) VALUES (person_id, wanted, changed_by)
      ON CONFLICT (user_id) DO UPDATE SET role = excluded.role, created_by = excluded.created_by;
  END IF;
  RETURN before;
END $$;

-- A tenant as somebody of the platform visits it; no row for anybody else.
CREATE FUNCTION lookup_visit(person_id text, wanted_tenant text) RETURNS TABLE (tenant_id text, tenant_name text, tenant_state text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT t.id, t.name, t.state FROM tenant t JOIN platform_role p ON p.user_id = person_id WHERE t.id = wanted_tenant $$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['lookup_memberships(text)', 'lookup_platform_role(text)', 'lookup_visit(text,text)', 'change_platform_role(text,text,text)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clawloops_app', signature);
  END LOOP;
END $$;

-- A tenant that lives keeps an owner. Whoever changes owners waits for whoever does so at the same moment.
CREATE FUNCTION keep_an_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE tenant_state text;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.role = 'owner' AND NEW.tenant_id = OLD.tenant_id THEN RETURN NULL; END IF;
  SELECT state INTO tenant_state FROM tenant WHERE id = OLD.tenant_id FOR NO KEY UPDATE;
  IF tenant_state IN ('active', 'suspended') AND NOT EXISTS (SELECT 1 FROM membership WHERE tenant_id = OLD.tenant_id AND role = 'owner') THEN
    RAISE EXCEPTION 'a tenant keeps at least one owner' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'membership_last_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER membership_last_owner AFTER UPDATE OR DELETE ON membership FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keep_an_owner();

-- Who may see which project --------------------------------------------------------------------------------------------
-- A transaction of somebody who does not see the whole tenant names in app.projects the projects that they see and in app.self
-- the ids that are themselves, both as array literals; without app.projects everything of the tenant is seen. Restrictive
-- policies only take away, whatever others allow.
DO $$
DECLARE
  name text;
  unlimited text := '(SELECT coalesce(current_setting(''app.projects'', true), '''') = '''')';
  in_projects text := 'project_id = ANY ((SELECT nullif(current_setting(''app.projects'', true), ''''))::text[])';
  is_self text := '= ANY ((SELECT nullif(current_setting(''app.self'', true), ''''))::text[])';
  of_instance text := 'instance_id IN (SELECT i.id FROM instance i)';
BEGIN
  EXECUTE format('CREATE POLICY reach ON instance AS RESTRICTIVE TO clawloops_app USING (%s OR %s OR owner_id %s)', unlimited, in_projects, is_self);
  EXECUTE format('CREATE POLICY reach ON project AS RESTRICTIVE TO clawloops_app USING (%s OR %s)', unlimited, replace(in_projects, 'project_id', 'id'));
  EXECUTE format('CREATE POLICY reach ON project_grant AS RESTRICTIVE TO clawloops_app USING (%s OR %s)', unlimited, in_projects);
  FOREACH name IN ARRAY ARRAY['operation', 'instance_label', 'workload', 'host_slot', 'host_fact', 'model_key', 'usage_record', 'instance_metric', 'log_archive'] LOOP
    EXECUTE format('CREATE POLICY reach ON %I AS RESTRICTIVE TO clawloops_app USING (%s OR %s)', name, unlimited, of_instance);
  END LOOP;
  -- What happened to no instance is seen by whoever did it.
  EXECUTE format('CREATE POLICY reach ON fleet_event AS RESTRICTIVE TO clawloops_app USING (%s OR %s OR (instance_id IS NULL AND actor_id %s))',
    unlimited, of_instance, is_self);
  EXECUTE format('CREATE POLICY reach ON audit_event AS RESTRICTIVE FOR SELECT TO clawloops_app USING (%s)', unlimited);
END $$;

-- Counting and finding living instances still touches this index only, so it holds what the policy asks about.
DROP INDEX instance_living_idx;
CREATE INDEX instance_living_idx ON instance (tenant_id, id DESC) INCLUDE (name, project_id, owner_id) WHERE destroyed_at IS NULL;
CREATE INDEX instance_project_id_idx ON instance (project_id, id DESC);

-- Whose rights changed: everybody who keeps a connection open looks at them again. The payload is an id of a person or a tenant.
CREATE FUNCTION notify_rights() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
  PERFORM pg_notify('clawloops_rights', coalesce(changed->>'user_id', changed->>'id'));
  RETURN NULL;
END $$;
CREATE TRIGGER membership_rights AFTER INSERT OR UPDATE OR DELETE ON membership FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER project_grant_rights AFTER INSERT OR UPDATE OR DELETE ON project_grant FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER platform_role_rights AFTER INSERT OR UPDATE OR DELETE ON platform_role FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER api_key_rights AFTER UPDATE OF revoked_at, expires_at, scopes OR DELETE ON api_key FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER tenant_rights AFTER UPDATE OF state ON tenant FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER session_rights AFTER DELETE ON auth.session FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE FUNCTION notify_tenant_rights() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('clawloops_rights', NEW.tenant_id); RETURN NULL; END $$;
CREATE TRIGGER instance_rights AFTER UPDATE OF owner_id, project_id ON instance FOR EACH ROW
  WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id OR OLD.project_id <> NEW.project_id) EXECUTE FUNCTION notify_tenant_rights();

-- Forgets what a tenant under deletion had, but for its audit. Tables that hang on others come after them, whichever there are: a new
-- table is wiped too. Objects in the object store go with their rows in the next round of what keeps the archive short.
CREATE FUNCTION wipe_tenant(doomed text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  open_tables text[];
  stuck text[];
  name text;
BEGIN
  PERFORM 1 FROM tenant WHERE id = doomed AND state = 'deleting' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the tenant is not being deleted' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  UPDATE log_archive SET to_at = 'epoch' WHERE tenant_id = doomed;
  SELECT array_agg(c.table_name::text) INTO open_tables FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
    WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND c.table_name <> ALL (ARRAY['audit_event', 'audit_head', 'log_archive', 'outbox']);
  WHILE cardinality(open_tables) > 0 LOOP
    stuck := '{}';
    FOREACH name IN ARRAY open_tables LOOP
      BEGIN
        EXECUTE format('DELETE FROM %I WHERE tenant_id = $1', name) USING doomed;
      EXCEPTION WHEN foreign_key_violation THEN
        stuck := stuck || name;
      END;
    END LOOP;
    IF stuck = open_tables THEN
      RAISE EXCEPTION 'these tables hold one another: %', stuck USING ERRCODE = 'foreign_key_violation';
    END IF;
    open_tables := stuck;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION wipe_tenant(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wipe_tenant(text) TO clawloops_app;
