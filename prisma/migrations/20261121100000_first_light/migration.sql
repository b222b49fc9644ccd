-- First light: every table, and row-level security on it from the first one.
-- Roles (made by the bootstrap, never by a migration): clawloops_owner migrates and seeds, clawloops_app serves tenants,
-- clawloops_system relays and observes across tenants. None of them may bypass row-level security.

CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE "auth"."user" (
  id text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT user_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX user_email_key ON "auth"."user" (email);

CREATE TABLE "auth"."session" (
  id text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  token text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL,
  ip_address text,
  user_agent text,
  user_id text NOT NULL,
  CONSTRAINT session_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX session_token_key ON "auth"."session" (token);
CREATE INDEX session_user_id_idx ON "auth"."session" (user_id);

CREATE TABLE "auth"."account" (
  id text NOT NULL,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  user_id text NOT NULL,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope text,
  password text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (id)
);
CREATE INDEX account_user_id_idx ON "auth"."account" (user_id);

CREATE TABLE "auth"."verification" (
  id text NOT NULL,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT verification_pkey PRIMARY KEY (id)
);
CREATE INDEX verification_identifier_idx ON "auth"."verification" (identifier);

CREATE TABLE "auth"."setup_code" (
  id text NOT NULL DEFAULT 'setup',
  hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  used_at timestamptz(3),
  CONSTRAINT setup_code_pkey PRIMARY KEY (id)
);


CREATE TABLE tenant (
  id text NOT NULL,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT tenant_pkey PRIMARY KEY (id)
);


CREATE TABLE project (
  id text NOT NULL,
  tenant_id text NOT NULL,
  name text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT project_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX project_tenant_id_name_key ON project (tenant_id, name);

CREATE TABLE membership (
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT membership_pkey PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX membership_user_id_idx ON membership (user_id);

CREATE TABLE api_key (
  id text NOT NULL,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  scopes text[] NOT NULL DEFAULT '{}',
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT api_key_pkey PRIMARY KEY (id)
);
CREATE INDEX api_key_tenant_id_user_id_idx ON api_key (tenant_id, user_id);

CREATE TABLE instance (
  id text NOT NULL,
  tenant_id text NOT NULL,
  project_id text NOT NULL,
  owner_id text,
  name text NOT NULL,
  slug text NOT NULL,
  labels jsonb NOT NULL DEFAULT '{}',
  type text NOT NULL,
  version text NOT NULL,
  host_id text NOT NULL,
  spec jsonb NOT NULL,
  generation integer NOT NULL DEFAULT 1,
  operation_seq integer NOT NULL DEFAULT 0,
  intent_phase text NOT NULL DEFAULT 'Creating',
  phase text GENERATED ALWAYS AS (CASE WHEN intent_phase = 'Running' AND NOT observed_ready THEN 'Starting' ELSE intent_phase END) STORED,
  reason text,
  message text,
  conditions jsonb NOT NULL DEFAULT '[]',
  config_hash text,
  applied_version text,
  applied_generation integer NOT NULL DEFAULT 0,
  operation_id text,
  transition_at timestamptz(3) NOT NULL DEFAULT now(),
  observed_fact jsonb,
  observed_seq bigint NOT NULL DEFAULT 0,
  observed_ready boolean NOT NULL DEFAULT false,
  observed_restarts integer NOT NULL DEFAULT 0,
  observed_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  destroyed_at timestamptz(3),
  CONSTRAINT instance_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX instance_slug_key ON instance (slug);

CREATE TABLE operation (
  id text NOT NULL,
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  seq integer NOT NULL,
  kind text NOT NULL,
  params jsonb NOT NULL DEFAULT '{}',
  generation integer NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  steps jsonb NOT NULL DEFAULT '[]',
  error jsonb,
  allowed text[] NOT NULL DEFAULT '{}',
  requested_by text NOT NULL,
  request_id text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  CONSTRAINT operation_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX operation_instance_id_seq_key ON operation (instance_id, seq);
CREATE INDEX operation_tenant_id_created_at_idx ON operation (tenant_id, created_at DESC);

CREATE TABLE claw_type (
  id text NOT NULL,
  tenant_id text NOT NULL,
  name text NOT NULL,
  manifest jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  CONSTRAINT claw_type_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX claw_type_tenant_id_name_key ON claw_type (tenant_id, name);

CREATE TABLE host (
  id text NOT NULL,
  tenant_id text,
  name text NOT NULL,
  token_hash text NOT NULL,
  connected boolean NOT NULL DEFAULT false,
  info jsonb,
  last_seen_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT host_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX host_token_hash_key ON host (token_hash);

CREATE TABLE host_slot (
  host_id text NOT NULL,
  slot integer NOT NULL,
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  cpu_millis integer NOT NULL,
  memory_bytes bigint NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT host_slot_pkey PRIMARY KEY (host_id, slot)
);
CREATE UNIQUE INDEX host_slot_instance_id_key ON host_slot (instance_id);

CREATE TABLE workload (
  instance_id text NOT NULL,
  tenant_id text NOT NULL,
  host_id text NOT NULL,
  generation integer NOT NULL,
  desired text NOT NULL,
  document jsonb NOT NULL,
  secrets text,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT workload_pkey PRIMARY KEY (instance_id)
);
CREATE INDEX workload_host_id_idx ON workload (host_id);

CREATE TABLE host_fact (
  id bigserial NOT NULL,
  host_id text NOT NULL,
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  seq bigint NOT NULL,
  fact jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT host_fact_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX host_fact_host_id_seq_key ON host_fact (host_id, seq);

CREATE TABLE provider (
  id text NOT NULL,
  tenant_id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  base_url text,
  models text[] NOT NULL DEFAULT '{}',
  credential text,
  revision integer NOT NULL DEFAULT 1,
  state text NOT NULL DEFAULT 'unverified',
  error jsonb,
  verified_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  CONSTRAINT provider_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX provider_tenant_id_name_key ON provider (tenant_id, name);

CREATE TABLE model_key (
  id text NOT NULL,
  tenant_id text NOT NULL,
  project_id text NOT NULL,
  instance_id text NOT NULL,
  generation integer NOT NULL,
  hash text NOT NULL,
  sealed text,
  state text NOT NULL DEFAULT 'minted',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  delivered_at timestamptz(3),
  revoked_at timestamptz(3),
  CONSTRAINT model_key_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX model_key_instance_id_generation_key ON model_key (instance_id, generation);

CREATE TABLE usage_record (
  id text NOT NULL,
  tenant_id text NOT NULL,
  project_id text NOT NULL,
  instance_id text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  path text NOT NULL,
  status integer NOT NULL,
  streamed boolean NOT NULL,
  prompt_tokens integer NOT NULL,
  completion_tokens integer NOT NULL,
  cost_micro_usd bigint NOT NULL,
  latency_ms integer NOT NULL,
  first_byte_ms integer,
  error_code text,
  at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT usage_record_pkey PRIMARY KEY (id)
);
CREATE INDEX usage_record_tenant_id_at_idx ON usage_record (tenant_id, at DESC);
CREATE INDEX usage_record_instance_id_at_idx ON usage_record (instance_id, at DESC);

CREATE TABLE outbox (
  seq bigserial NOT NULL,
  tenant_id text NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  delivered_at timestamptz(3),
  CONSTRAINT outbox_pkey PRIMARY KEY (seq)
);


CREATE TABLE audit_event (
  id text NOT NULL,
  tenant_id text NOT NULL,
  seq integer NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  before jsonb,
  after jsonb,
  request_id text,
  ip text,
  hash text NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT audit_event_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX audit_event_tenant_id_seq_key ON audit_event (tenant_id, seq);

CREATE TABLE audit_head (
  tenant_id text NOT NULL,
  seq integer NOT NULL DEFAULT 0,
  hash text NOT NULL DEFAULT '',
  CONSTRAINT audit_head_pkey PRIMARY KEY (tenant_id)
);


CREATE TABLE idempotency_record (
  tenant_id text NOT NULL,
  key text NOT NULL,
  actor text NOT NULL,
  route text NOT NULL,
  body_hash text NOT NULL,
  status integer,
  body jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_record_pkey PRIMARY KEY (tenant_id, actor, key)
);


ALTER TABLE auth.session ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;
ALTER TABLE auth.account ADD CONSTRAINT account_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;
ALTER TABLE project ADD CONSTRAINT project_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id);
ALTER TABLE membership ADD CONSTRAINT membership_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id);
ALTER TABLE instance ADD CONSTRAINT instance_project_id_fkey FOREIGN KEY (project_id) REFERENCES project (id);
ALTER TABLE instance ADD CONSTRAINT instance_host_id_fkey FOREIGN KEY (host_id) REFERENCES host (id);
ALTER TABLE operation ADD CONSTRAINT operation_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id);
ALTER TABLE host_slot ADD CONSTRAINT host_slot_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id);
ALTER TABLE workload ADD CONSTRAINT workload_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id);
ALTER TABLE model_key ADD CONSTRAINT model_key_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id);

-- A name belongs to one living instance of a project.
CREATE UNIQUE INDEX instance_living_name_key ON instance (project_id, name) WHERE destroyed_at IS NULL;
CREATE INDEX instance_tenant_id_id_idx ON instance (tenant_id, id DESC);
CREATE INDEX instance_labels_idx ON instance USING gin (labels jsonb_path_ops);
CREATE INDEX outbox_pending_idx ON outbox (seq) WHERE delivered_at IS NULL;
CREATE INDEX host_fact_host_id_id_idx ON host_fact (host_id, id);

-- Row-level security -----------------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA public, auth TO clawloops_app, clawloops_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth TO clawloops_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clawloops_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO clawloops_app, clawloops_system;
-- The audit chain only grows.
REVOKE UPDATE, DELETE ON audit_event FROM clawloops_app;

-- Tenant-owned tables: the application sees the rows of the tenant its transaction named, and no row when it named none.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['project','membership','api_key','instance','operation','claw_type','host_slot','workload','host_fact',
                              'provider','model_key','usage_record','outbox','audit_event','audit_head','idempotency_record'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (tenant_id = current_setting(''app.tenant'', true)) WITH CHECK (tenant_id = current_setting(''app.tenant'', true))', name);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenant TO clawloops_app USING (id = current_setting('app.tenant', true)) WITH CHECK (id = current_setting('app.tenant', true));
CREATE POLICY owner ON tenant TO clawloops_owner USING (true) WITH CHECK (true);

-- A host without a tenant belongs to the platform and serves every tenant; only its own tenant may change one.
ALTER TABLE host ENABLE ROW LEVEL SECURITY;
ALTER TABLE host FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON host FOR SELECT TO clawloops_app USING (tenant_id IS NULL OR tenant_id = current_setting('app.tenant', true));
CREATE POLICY tenant_write ON host TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON host TO clawloops_owner USING (true) WITH CHECK (true);

-- The system role: the relay, the observers and the gateway of the bridges, each table named, nothing else.
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, host_fact TO clawloops_system;
GRANT SELECT, UPDATE ON instance, host, operation TO clawloops_system;
GRANT SELECT ON workload, host_slot TO clawloops_system;
GRANT DELETE ON idempotency_record TO clawloops_system;
CREATE POLICY system ON outbox TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON host_fact TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON instance TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON operation TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON host TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON workload FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system ON host_slot FOR SELECT TO clawloops_system USING (true);

-- Lookups that must work before a tenant is known. Each answers one row for one secret hash or one user and nothing else.
CREATE FUNCTION lookup_api_key(key_id text) RETURNS TABLE (id text, tenant_id text, user_id text, hash text, scopes text[], expires_at timestamptz, revoked_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT k.id, k.tenant_id, k.user_id, k.hash, k.scopes, k.expires_at, k.revoked_at FROM api_key k WHERE k.id = key_id $$;

CREATE FUNCTION lookup_model_key(key_id text) RETURNS TABLE (id text, tenant_id text, project_id text, instance_id text, hash text, state text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT k.id, k.tenant_id, k.project_id, k.instance_id, k.hash, k.state FROM model_key k WHERE k.id = key_id $$;

CREATE FUNCTION lookup_host(token_digest text) RETURNS TABLE (id text, tenant_id text, name text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT h.id, h.tenant_id, h.name FROM host h WHERE h.token_hash = token_digest $$;

CREATE FUNCTION lookup_memberships(member_id text) RETURNS TABLE (tenant_id text, tenant_name text, role text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT m.tenant_id, t.name, m.role FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE m.user_id = member_id ORDER BY m.created_at $$;

-- Makes the first administrator an owner of the default tenant; works only while nobody is a member of anything.
CREATE FUNCTION adopt_first_owner(member_id text) RETURNS text
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
  RETURN first_tenant;
END $$;

-- Gives an instance a slot on a host, under the lock of the host row: the lowest free slot, if CPU and memory still suffice.
-- Answers the slot; raises `insufficient_resources` with the free amounts when the host has not that much left.
CREATE FUNCTION reserve_host_slot(wanted_host text, wanted_instance text, wanted_tenant text, wanted_cpu_millis integer, wanted_memory_bytes bigint)
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
DECLARE
  host_info jsonb;
  taken record;
  free_slot integer;
BEGIN
  SELECT slot INTO free_slot FROM host_slot WHERE instance_id = wanted_instance AND host_id = wanted_host;
  SELECT info INTO host_info FROM host WHERE id = wanted_host AND (tenant_id IS NULL OR tenant_id = wanted_tenant) FOR UPDATE;
  IF NOT FOUND OR host_info IS NULL THEN
    RAISE EXCEPTION 'the host is not ready' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT coalesce(sum(cpu_millis), 0) AS cpu, coalesce(sum(memory_bytes), 0) AS memory INTO taken
    FROM host_slot WHERE host_id = wanted_host AND instance_id <> wanted_instance;
  IF taken.memory + wanted_memory_bytes > (host_info->>'memoryBytes')::bigint THEN
    RAISE EXCEPTION 'the host has % bytes of memory free', (host_info->>'memoryBytes')::bigint - taken.memory USING ERRCODE = 'insufficient_resources';
  END IF;
  IF wanted_cpu_millis > (host_info->>'cpus')::integer * 1000 THEN
    RAISE EXCEPTION 'the host has % CPUs', host_info->>'cpus' USING ERRCODE = 'insufficient_resources';
  END IF;
  IF free_slot IS NOT NULL THEN
    UPDATE host_slot SET cpu_millis = wanted_cpu_millis, memory_bytes = wanted_memory_bytes WHERE instance_id = wanted_instance;
    RETURN free_slot;
  END IF;
  SELECT n INTO free_slot FROM generate_series(0, (host_info->'ports'->>'slots')::integer - 1) AS n
    WHERE NOT EXISTS (SELECT 1 FROM host_slot s WHERE s.host_id = wanted_host AND s.slot = n) ORDER BY n LIMIT 1;
  IF free_slot IS NULL THEN
    RAISE EXCEPTION 'the host has no free slot' USING ERRCODE = 'insufficient_resources';
  END IF;
  INSERT INTO host_slot (host_id, slot, tenant_id, instance_id, cpu_millis, memory_bytes)
    VALUES (wanted_host, free_slot, wanted_tenant, wanted_instance, wanted_cpu_millis, wanted_memory_bytes);
  RETURN free_slot;
END $$;

-- What a host has promised, across tenants: numbers only.
CREATE FUNCTION host_reservations(wanted_host text) RETURNS TABLE (instances bigint, cpu_millis bigint, memory_bytes bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT count(*), coalesce(sum(s.cpu_millis), 0)::bigint, coalesce(sum(s.memory_bytes), 0)::bigint FROM host_slot s WHERE s.host_id = wanted_host $$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['lookup_api_key(text)','lookup_model_key(text)','lookup_host(text)','lookup_memberships(text)','adopt_first_owner(text)',
                                   'reserve_host_slot(text,text,text,integer,bigint)','host_reservations(text)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clawloops_app', signature);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION lookup_host(text) TO clawloops_system;

-- Wake the relay and the observers; the payload is never data, only where to look.
CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('clawloops_outbox', ''); RETURN NULL; END $$;
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();
CREATE FUNCTION notify_host_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('clawloops_fact', NEW.host_id); RETURN NULL; END $$;
CREATE TRIGGER host_fact_inserted AFTER INSERT ON host_fact FOR EACH ROW EXECUTE FUNCTION notify_host_fact();
CREATE FUNCTION notify_workload() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('clawloops_workload', NEW.host_id || ' ' || NEW.instance_id); RETURN NULL; END $$;
CREATE TRIGGER workload_changed AFTER INSERT OR UPDATE ON workload FOR EACH ROW EXECUTE FUNCTION notify_workload();
