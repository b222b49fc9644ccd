-- Configs: named documents at a level, in numbered versions that never change. `tenant_id` null: of the platform, read by every tenant.
-- `current`: the version that new instances start on, null as long as none is published.
CREATE TABLE config (
  id text NOT NULL,
  tenant_id text,
  level text NOT NULL,
  project_id text,
  type text NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  current integer,
  latest integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  CONSTRAINT config_pkey PRIMARY KEY (id),
  CONSTRAINT config_level_check CHECK (CASE level
    WHEN 'global' THEN tenant_id IS NULL AND project_id IS NULL
    WHEN 'project' THEN tenant_id IS NOT NULL AND project_id IS NOT NULL
    ELSE level IN ('tenant', 'template') AND tenant_id IS NOT NULL AND project_id IS NULL END)
);
CREATE UNIQUE INDEX config_name_key ON config (coalesce(tenant_id, ''), name);
-- Above templates there is one config for each kind of claw: what applies to an instance by itself must not be a matter of luck.
CREATE UNIQUE INDEX config_level_key ON config (level, coalesce(tenant_id, ''), coalesce(project_id, ''), type) WHERE level <> 'template';
ALTER TABLE config ADD CONSTRAINT config_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;

CREATE TABLE config_version (
  config_id text NOT NULL,
  version integer NOT NULL,
  tenant_id text,
  state text NOT NULL DEFAULT 'draft',
  document jsonb NOT NULL,
  note text NOT NULL DEFAULT '',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  published_at timestamptz(3),
  published_by text,
  CONSTRAINT config_version_pkey PRIMARY KEY (config_id, version),
  CONSTRAINT config_version_state_check CHECK (state IN ('draft', 'published'))
);
ALTER TABLE config_version ADD CONSTRAINT config_version_config_id_fkey FOREIGN KEY (config_id) REFERENCES config (id) ON DELETE CASCADE;

CREATE FUNCTION keep_config_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.document <> OLD.document OR NEW.version <> OLD.version OR OLD.state = 'published' AND NEW.state <> 'published' THEN
    RAISE EXCEPTION 'a version of a config never changes' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER config_version_kept BEFORE UPDATE ON config_version FOR EACH ROW EXECUTE FUNCTION keep_config_version();

-- Secrets that settings of claws name. The value is sealed; nobody but the worker opens it.
CREATE TABLE config_secret (
  tenant_id text NOT NULL,
  name text NOT NULL,
  sealed text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  CONSTRAINT config_secret_pkey PRIMARY KEY (tenant_id, name)
);
ALTER TABLE config_secret ADD CONSTRAINT config_secret_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;

DO $$
DECLARE
  name text;
  mine text := 'tenant_id = current_setting(''app.tenant'', true)';
  platform text := 'tenant_id IS NULL AND current_setting(''app.platform'', true) = ''on''';
BEGIN
  FOREACH name IN ARRAY ARRAY['config', 'config_version', 'config_secret'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (%s) WITH CHECK (%s)', name, mine, mine);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO clawloops_app', name);
  END LOOP;
  -- What belongs to the platform every tenant reads; it is written by a transaction that says so.
  FOREACH name IN ARRAY ARRAY['config', 'config_version'] LOOP
    EXECUTE format('CREATE POLICY shared ON %I FOR SELECT TO clawloops_app USING (tenant_id IS NULL)', name);
    EXECUTE format('CREATE POLICY platform_insert ON %I FOR INSERT TO clawloops_app WITH CHECK (%s)', name, platform);
    EXECUTE format('CREATE POLICY platform_update ON %I FOR UPDATE TO clawloops_app USING (%s) WITH CHECK (%s)', name, platform, platform);
  END LOOP;
END $$;
-- Whoever sees only some projects of the tenant sees only their configs.
CREATE POLICY reach ON config AS RESTRICTIVE TO clawloops_app USING (project_id IS NULL
  OR (SELECT coalesce(current_setting('app.projects', true), '') = '')
  OR project_id = ANY ((SELECT nullif(current_setting('app.projects', true), ''))::text[]));
CREATE POLICY reach ON config_version AS RESTRICTIVE TO clawloops_app USING (config_id IN (SELECT c.id FROM config c));
-- Stored secrets belong to no project: only who sees the whole tenant sees which there are.
CREATE POLICY reach ON config_secret AS RESTRICTIVE TO clawloops_app USING ((SELECT coalesce(current_setting('app.projects', true), '') = ''));

GRANT SELECT (tenant_id, name, sealed), UPDATE (sealed) ON config_secret TO clawloops_system;
CREATE POLICY system_sealed ON config_secret FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system_reseal ON config_secret FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);

-- The versions that pins name, `[{"config", "version"}]`, in their order. What an instance runs on is judged in full, whoever asks.
CREATE FUNCTION config_layers(pins jsonb) RETURNS TABLE (config text, version integer, name text, level text, type text, state text, current integer, document jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT c.id, v.version, c.name, c.level, c.type, v.state, c.current, v.document
    FROM jsonb_array_elements(coalesce(pins, '[]')) WITH ORDINALITY AS p (pin, at)
    JOIN config c ON c.id = p.pin->>'config' AND (c.tenant_id IS NULL OR c.tenant_id = current_setting('app.tenant', true))
    JOIN config_version v ON v.config_id = c.id AND v.version = coalesce((p.pin->>'version')::integer, c.current)
    ORDER BY p.at $$;

-- What a new instance of this type in this project starts on by itself: the current versions of the levels above templates.
CREATE FUNCTION standing_configs(wanted_project text, wanted_type text) RETURNS TABLE (config text, version integer, level text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT c.id, c.current, c.level FROM config c
    WHERE c.level <> 'template' AND c.type = wanted_type AND c.current IS NOT NULL
      AND (c.tenant_id IS NULL OR c.tenant_id = current_setting('app.tenant', true))
      AND (c.project_id IS NULL OR c.project_id = wanted_project)
    ORDER BY array_position(ARRAY['global', 'tenant', 'project'], c.level) $$;

-- Whether any living instance runs on a config, also one that whoever asks does not see.
CREATE FUNCTION config_is_used(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT EXISTS (SELECT 1 FROM instance i WHERE i.destroyed_at IS NULL AND i.spec->'config'->'layers' @> jsonb_build_array(jsonb_build_object('config', wanted))) $$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['config_layers(jsonb)', 'standing_configs(text,text)', 'config_is_used(text)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clawloops_app', signature);
  END LOOP;
END $$;

-- Who runs on which version of a config.
CREATE INDEX instance_config_layers_idx ON instance USING gin ((spec->'config'->'layers') jsonb_path_ops) WHERE destroyed_at IS NULL;
