-- How much a tenant and each of its projects may have, what its claws may be, and the plan it is on. Usage is no counter: it is the sum over
-- the living instances, taken under a lock, so it cannot drift and an instance gives back what it had in the transaction that ends it.

-- Amounts of Kubernetes quantities, rounded up as the API does (workflows/contracts/quantities.ts); null for what is none.
CREATE FUNCTION cpu_millis(quantity text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN quantity ~ '^[0-9]+(\.[0-9]{1,3})?m?$'
    THEN ceil(rtrim(quantity, 'm')::numeric * CASE WHEN right(quantity, 1) = 'm' THEN 1 ELSE 1000 END)::bigint END $$;
CREATE FUNCTION quantity_bytes(quantity text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN quantity ~ '^[0-9]+(\.[0-9]+)?(|[kMGT]|[KMGT]i)$'
    THEN ceil(substring(quantity FROM '^[0-9.]+')::numeric * CASE substring(quantity FROM '[A-Za-z]+$')
      WHEN 'k' THEN 1000::numeric WHEN 'M' THEN 1000000 WHEN 'G' THEN 1000000000 WHEN 'T' THEN 1000000000000
      WHEN 'Ki' THEN 1024 WHEN 'Mi' THEN 1048576 WHEN 'Gi' THEN 1073741824 WHEN 'Ti' THEN 1099511627776 ELSE 1 END)::bigint END $$;

ALTER TABLE instance
  ADD COLUMN cpu_millis bigint GENERATED ALWAYS AS (coalesce(cpu_millis(spec->'resources'->>'cpu') * coalesce((spec->>'replicas')::integer, 1), 0)) STORED,
  ADD COLUMN memory_bytes bigint GENERATED ALWAYS AS (coalesce(quantity_bytes(spec->'resources'->>'memory') * coalesce((spec->>'replicas')::integer, 1), 0)) STORED,
  ADD COLUMN storage_bytes bigint GENERATED ALWAYS AS (coalesce(quantity_bytes(spec->'resources'->>'storage') * coalesce((spec->>'replicas')::integer, 1), 0)) STORED;
-- The sums of a tenant touch this index only.
CREATE INDEX instance_living_amounts_idx ON instance (tenant_id, project_id) INCLUDE (id, cpu_millis, memory_bytes, storage_bytes) WHERE destroyed_at IS NULL;

-- Null limits nothing; entitlements null means all of them.
CREATE TABLE plan (
  name text NOT NULL,
  instances integer,
  cpu_millis bigint,
  memory_bytes bigint,
  storage_bytes bigint,
  seats integer,
  entitlements text[],
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text,
  CONSTRAINT plan_pkey PRIMARY KEY (name)
);
-- The plan of whoever has no other: a company that runs its own platform sells nothing to itself.
INSERT INTO plan (name) VALUES ('unlimited');
GRANT SELECT, INSERT, UPDATE ON plan TO clawloops_app;

CREATE TABLE tenant_plan (
  tenant_id text NOT NULL,
  plan text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  CONSTRAINT tenant_plan_pkey PRIMARY KEY (tenant_id)
);
ALTER TABLE tenant_plan ADD CONSTRAINT tenant_plan_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;
ALTER TABLE tenant_plan ADD CONSTRAINT tenant_plan_plan_fkey FOREIGN KEY (plan) REFERENCES plan (name);

-- scope_kind 'tenant': scope_id is the tenant itself, and null leaves what its plan says; 'project': null limits nothing.
CREATE TABLE quota (
  tenant_id text NOT NULL,
  scope_kind text NOT NULL,
  scope_id text NOT NULL,
  instances integer,
  cpu_millis bigint,
  memory_bytes bigint,
  storage_bytes bigint,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  CONSTRAINT quota_pkey PRIMARY KEY (tenant_id, scope_kind, scope_id),
  CONSTRAINT quota_scope_check CHECK (scope_kind = 'project' OR (scope_kind = 'tenant' AND scope_id = tenant_id))
);
ALTER TABLE quota ADD CONSTRAINT quota_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;

-- What the claws of a tenant or a project may be: `rules` is ClawRules of workflows/contracts/claw-policy.ts.
CREATE TABLE claw_policy (
  tenant_id text NOT NULL,
  scope_kind text NOT NULL,
  scope_id text NOT NULL,
  rules jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  last_updated_by text NOT NULL,
  CONSTRAINT claw_policy_pkey PRIMARY KEY (tenant_id, scope_kind, scope_id),
  CONSTRAINT claw_policy_scope_check CHECK (scope_kind = 'project' OR (scope_kind = 'tenant' AND scope_id = tenant_id))
);
ALTER TABLE claw_policy ADD CONSTRAINT claw_policy_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenant_plan', 'quota', 'claw_policy'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (tenant_id = current_setting(''app.tenant'', true)) WITH CHECK (tenant_id = current_setting(''app.tenant'', true))', name);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO clawloops_app', name);
  END LOOP;
END $$;

-- A project takes its limits and rules with it.
CREATE FUNCTION forget_project_limits() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  DELETE FROM quota WHERE tenant_id = OLD.tenant_id AND scope_kind = 'project' AND scope_id = OLD.id;
  DELETE FROM claw_policy WHERE tenant_id = OLD.tenant_id AND scope_kind = 'project' AND scope_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER project_removed AFTER DELETE ON project FOR EACH ROW EXECUTE FUNCTION forget_project_limits();

-- The limits that hold for the tenant of the transaction and for one of its projects, all of them when none is named. `from_plan` names
-- the plan of the tenant.
CREATE FUNCTION quota_limits(wanted_project text)
  RETURNS TABLE (scope_kind text, scope_id text, scope_name text, from_plan text, instances integer, cpu_millis bigint, memory_bytes bigint, storage_bytes bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT 'tenant', t.id, t.name, p.name, coalesce(q.instances, p.instances), coalesce(q.cpu_millis, p.cpu_millis),
      coalesce(q.memory_bytes, p.memory_bytes), coalesce(q.storage_bytes, p.storage_bytes)
    FROM tenant t
    LEFT JOIN tenant_plan tp ON tp.tenant_id = t.id
    JOIN plan p ON p.name = coalesce(tp.plan, 'unlimited')
    LEFT JOIN quota q ON q.tenant_id = t.id AND q.scope_kind = 'tenant' AND q.scope_id = t.id
    WHERE t.id = current_setting('app.tenant', true)
  UNION ALL
  SELECT 'project', j.id, j.name, NULL, q.instances, q.cpu_millis, q.memory_bytes, q.storage_bytes
    FROM project j LEFT JOIN quota q ON q.tenant_id = j.tenant_id AND q.scope_kind = 'project' AND q.scope_id = j.id
    WHERE j.tenant_id = current_setting('app.tenant', true) AND (wanted_project IS NULL OR j.id = wanted_project) $$;

-- What the living instances of the tenant have, by project; never more than a number in JSON can say. Whoever asks may not see all of them, yet all of them count.
CREATE FUNCTION quota_usage() RETURNS TABLE (project_id text, instances bigint, cpu_millis bigint, memory_bytes bigint, storage_bytes bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT i.project_id, count(*), least(sum(i.cpu_millis), 9007199254740991)::bigint,
      least(sum(i.memory_bytes), 9007199254740991)::bigint, least(sum(i.storage_bytes), 9007199254740991)::bigint
    FROM instance i WHERE i.tenant_id = current_setting('app.tenant', true) AND i.destroyed_at IS NULL GROUP BY i.project_id $$;

-- Whoever belongs to the tenant or was offered to: so many seats of its plan are taken.
CREATE FUNCTION seats_taken() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  RETURN (SELECT count(*) FROM membership m WHERE m.tenant_id = current_setting('app.tenant', true))
    + (SELECT count(*) FROM invitation i WHERE i.tenant_id = current_setting('app.tenant', true) AND i.state = 'pending' AND i.expires_at > now());
END $$;

-- Held until the transaction ends, before any row of an instance or a host is locked: one admission of a tenant at a time looks at its usage.
CREATE FUNCTION lock_quota() RETURNS void LANGUAGE sql VOLATILE SET search_path = public AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('quota ' || current_setting('app.tenant', true), 0)) $$;

-- What an instance of this spec would exceed, nothing when it fits. `wanted_instance`: one that exists; only what it would have more of than
-- now can be refused. Without any limit nothing is locked and nothing is summed up.
CREATE FUNCTION exceeded_quotas(wanted_project text, wanted_instance text, wanted_spec jsonb)
  RETURNS TABLE (scope_kind text, scope_name text, from_plan text, resource text, most bigint, used bigint, wanted bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public AS $$
#variable_conflict use_column
DECLARE
  me text := current_setting('app.tenant', true);
  wants record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM quota_limits(wanted_project) l WHERE num_nonnulls(l.instances, l.cpu_millis, l.memory_bytes, l.storage_bytes) > 0) THEN
    RETURN;
  END IF;
  PERFORM lock_quota();
  SELECT coalesce(cpu_millis(wanted_spec->'resources'->>'cpu') * n, 0) AS cpu, coalesce(quantity_bytes(wanted_spec->'resources'->>'memory') * n, 0) AS memory,
      coalesce(quantity_bytes(wanted_spec->'resources'->>'storage') * n, 0) AS storage
    INTO wants FROM coalesce((wanted_spec->>'replicas')::integer, 1) AS n;
  RETURN QUERY
    WITH living AS (
      SELECT i.project_id = wanted_project AS same_project, i.cpu_millis, i.memory_bytes, i.storage_bytes
        FROM instance i WHERE i.tenant_id = me AND i.destroyed_at IS NULL AND i.id IS DISTINCT FROM wanted_instance),
    others AS (
      SELECT 'tenant' AS kind, count(*) AS instances, least(coalesce(sum(cpu_millis), 0), 9007199254740991)::bigint AS cpu, least(coalesce(sum(memory_bytes), 0), 9007199254740991)::bigint AS memory,
          least(coalesce(sum(storage_bytes), 0), 9007199254740991)::bigint AS storage FROM living
      UNION ALL
      SELECT 'project', count(*), least(coalesce(sum(cpu_millis), 0), 9007199254740991)::bigint, least(coalesce(sum(memory_bytes), 0), 9007199254740991)::bigint, least(coalesce(sum(storage_bytes), 0), 9007199254740991)::bigint
        FROM living WHERE same_project),
    present AS (SELECT i.cpu_millis, i.memory_bytes, i.storage_bytes FROM instance i WHERE i.tenant_id = me AND i.id = wanted_instance)
    SELECT l.scope_kind, l.scope_name, l.from_plan, r.resource, r.most, r.used, r.wanted
      FROM quota_limits(wanted_project) l JOIN others o ON o.kind = l.scope_kind LEFT JOIN present p ON true
      CROSS JOIN LATERAL (VALUES
        ('instances', l.instances::bigint, o.instances, 1::bigint, CASE WHEN wanted_instance IS NULL THEN 0 ELSE 1 END::bigint),
        ('cpu', l.cpu_millis, o.cpu, wants.cpu, coalesce(p.cpu_millis, 0)),
        ('memory', l.memory_bytes, o.memory, wants.memory, coalesce(p.memory_bytes, 0)),
        ('storage', l.storage_bytes, o.storage, wants.storage, coalesce(p.storage_bytes, 0))
      ) AS r (resource, most, used, wanted, had)
      WHERE r.used + r.wanted > r.most AND r.wanted > r.had;
END $$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['quota_limits(text)', 'quota_usage()', 'seats_taken()', 'lock_quota()', 'exceeded_quotas(text,text,jsonb)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clawloops_app', signature);
  END LOOP;
END $$;
