-- Somebody's way into the web page of one claw: a single-use code, and when that is handed over a session of that page alone. It ends
-- with the portal session that opened it.
CREATE TABLE claw_entry (
  id text NOT NULL,
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  user_id text NOT NULL,
  session_id text NOT NULL,
  language text NOT NULL,
  code_hash text NOT NULL,
  code_expires_at timestamptz(3) NOT NULL,
  token_hash text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT claw_entry_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX claw_entry_code_hash_key ON claw_entry (code_hash);
CREATE UNIQUE INDEX claw_entry_token_hash_key ON claw_entry (token_hash);
CREATE INDEX claw_entry_tenant_id_expires_at_idx ON claw_entry (tenant_id, expires_at);
ALTER TABLE claw_entry ADD CONSTRAINT claw_entry_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id) ON DELETE CASCADE;

ALTER TABLE claw_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE claw_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON claw_entry TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON claw_entry TO clawloops_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON claw_entry TO clawloops_app;

-- The tenant is not known before the code is; whoever has one may know no more than that it worked.
CREATE FUNCTION enter_claw(code_digest text, wanted_slug text, token_digest text, keep_seconds integer) RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = public AS
$$ WITH entered AS (
     UPDATE claw_entry e SET token_hash = token_digest, expires_at = now() + make_interval(secs => keep_seconds)
     FROM instance i
     WHERE e.code_hash = code_digest AND e.token_hash IS NULL AND e.code_expires_at > now() AND i.id = e.instance_id AND i.slug = wanted_slug
     RETURNING 1)
   SELECT EXISTS (SELECT 1 FROM entered) $$;

-- Sessions of pages by their hashes, each with its claw. `signed_in`: nothing that it hangs on has ended.
CREATE FUNCTION lookup_claw_entries(digests text[]) RETURNS TABLE (token_hash text, tenant_id text, user_id text, language text, signed_in boolean,
    instance_id text, slug text, name text, project_id text, owner_id text, host_id text, phase text, spec jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT e.token_hash, e.tenant_id, e.user_id, e.language,
     e.expires_at > now() AND i.destroyed_at IS NULL
       AND EXISTS (SELECT 1 FROM auth.session s WHERE s.id = e.session_id AND s.user_id = e.user_id AND s.expires_at > now()),
     i.id, i.slug, i.name, i.project_id, i.owner_id, i.host_id, i.phase, i.spec
   FROM claw_entry e JOIN instance i ON i.id = e.instance_id WHERE e.token_hash = ANY(digests) $$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['enter_claw(text,text,text,integer)','lookup_claw_entries(text[])'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clawloops_app', signature);
  END LOOP;
END $$;
