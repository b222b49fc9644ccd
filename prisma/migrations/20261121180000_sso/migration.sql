-- Sign-in by an organization's own identity provider (OpenID Connect): one connection per tenant.
CREATE TABLE sso_connection (
  tenant_id text NOT NULL,
  name text NOT NULL,
  issuer text NOT NULL,
  client_id text NOT NULL,
  client_secret text,
  scopes text[] NOT NULL,
  groups_claim text,
  default_role text,
  group_roles jsonb NOT NULL DEFAULT '[]',
  enabled boolean NOT NULL,
  enforced boolean NOT NULL,
  last_sign_in_at timestamptz(3),
  last_failure_at timestamptz(3),
  last_failure text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  last_updated_by text NOT NULL,
  CONSTRAINT sso_connection_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT sso_connection_default_role_check CHECK (default_role IN ('admin', 'operator', 'approver', 'member', 'viewer'))
);
ALTER TABLE sso_connection ADD CONSTRAINT sso_connection_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant (id) ON DELETE CASCADE;

-- One domain of e-mail addresses leads to one tenant.
CREATE TABLE sso_domain (
  domain text NOT NULL,
  tenant_id text NOT NULL,
  CONSTRAINT sso_domain_pkey PRIMARY KEY (domain)
);
CREATE INDEX sso_domain_tenant_id_idx ON sso_domain (tenant_id);
ALTER TABLE sso_domain ADD CONSTRAINT sso_domain_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES sso_connection (tenant_id) ON DELETE CASCADE;

-- Who somebody of an identity provider is here.
CREATE TABLE sso_identity (
  tenant_id text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_sign_in_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT sso_identity_pkey PRIMARY KEY (tenant_id, issuer, subject)
);
CREATE INDEX sso_identity_user_id_idx ON sso_identity (user_id);
ALTER TABLE sso_identity ADD CONSTRAINT sso_identity_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES sso_connection (tenant_id) ON DELETE CASCADE;
ALTER TABLE sso_identity ADD CONSTRAINT sso_identity_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sso_connection', 'sso_domain', 'sso_identity'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (tenant_id = current_setting(''app.tenant'', true)) WITH CHECK (tenant_id = current_setting(''app.tenant'', true))', name);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO clawloops_app', name);
  END LOOP;
END $$;
-- The rotation of keys gives the client secret a new envelope, and sees nothing else.
GRANT SELECT (tenant_id, client_secret), UPDATE (client_secret) ON sso_connection TO clawloops_system;
CREATE POLICY system_sealed ON sso_connection FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system_reseal ON sso_connection FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);

-- Whether the plan of a tenant includes something. The one place that knows.
CREATE FUNCTION tenant_entitled(of_tenant text, entitlement text) RETURNS boolean LANGUAGE sql STABLE SET search_path = public AS
$$ SELECT coalesce((SELECT p.entitlements IS NULL OR entitlement = ANY (p.entitlements) FROM plan p
     WHERE p.name = coalesce((SELECT t.plan FROM tenant_plan t WHERE t.tenant_id = of_tenant), 'unlimited')), false) $$;

-- Whether somebody with this role has to come by the identity provider of the tenant. Owners keep another way in, so that a provider
-- that is broken or a plan without it locks nobody out for good.
CREATE FUNCTION sso_required(of_tenant text, member_role text) RETURNS boolean LANGUAGE sql STABLE SET search_path = public AS
$$ SELECT member_role <> 'owner' AND EXISTS (SELECT 1 FROM sso_connection c
     WHERE c.tenant_id = of_tenant AND c.enabled AND c.enforced AND tenant_entitled(of_tenant, 'sso')) $$;

-- Before anybody is signed in: where people with addresses of this domain sign in. It says nothing about who has an account.
CREATE FUNCTION lookup_sso_domain(wanted_domain text) RETURNS TABLE (tenant_id text, name text, enforced boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT c.tenant_id, c.name, c.enforced FROM sso_domain d JOIN sso_connection c ON c.tenant_id = d.tenant_id JOIN tenant t ON t.id = c.tenant_id
   WHERE d.domain = wanted_domain AND c.enabled AND t.state <> 'deleted' $$;
REVOKE ALL ON FUNCTION lookup_sso_domain(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_sso_domain(text) TO clawloops_app;

-- Memberships say whether only the identity provider leads to them.
DROP FUNCTION lookup_memberships(text);
CREATE FUNCTION lookup_memberships(member_id text)
  RETURNS TABLE (tenant_id text, tenant_name text, tenant_state text, role text, grants jsonb, sso_required boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT m.tenant_id, t.name, t.state, m.role,
     coalesce((SELECT jsonb_agg(jsonb_build_object('projectId', g.project_id, 'role', g.role) ORDER BY g.project_id)
               FROM project_grant g WHERE g.tenant_id = m.tenant_id AND g.user_id = m.user_id), '[]'),
     sso_required(m.tenant_id, m.role)
   FROM membership m JOIN tenant t ON t.id = m.tenant_id
   WHERE m.user_id = member_id AND t.state <> 'deleted' AND m.suspended_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM auth."user" u WHERE u.id = member_id AND u.disabled_at IS NOT NULL)
   ORDER BY m.created_at, m.tenant_id $$;
REVOKE ALL ON FUNCTION lookup_memberships(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_memberships(text) TO clawloops_app;

-- The page of a claw ends where its portal session would not lead to it any more.
CREATE OR REPLACE FUNCTION lookup_claw_entries(digests text[]) RETURNS TABLE (token_hash text, tenant_id text, user_id text, language text, signed_in boolean,
    instance_id text, slug text, name text, project_id text, owner_id text, host_id text, phase text, spec jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT e.token_hash, e.tenant_id, e.user_id, e.language,
     e.expires_at > now() AND i.destroyed_at IS NULL
       AND EXISTS (SELECT 1 FROM auth.session s WHERE s.id = e.session_id AND s.user_id = e.user_id AND s.expires_at > now()
         AND (s.sso_tenant_id IS NOT NULL OR NOT coalesce(
           (SELECT sso_required(m.tenant_id, m.role) FROM membership m WHERE m.tenant_id = e.tenant_id AND m.user_id = e.user_id), false))),
     i.id, i.slug, i.name, i.project_id, i.owner_id, i.host_id, i.phase, i.spec
   FROM claw_entry e JOIN instance i ON i.id = e.instance_id WHERE e.token_hash = ANY(digests) $$;

-- What an organization vouched for holds for a day, however it is used: then it is asked again.
CREATE FUNCTION auth.sso_session_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.expires_at := least(NEW.expires_at, NEW.created_at + interval '1 day');
  RETURN NEW;
END $$;
CREATE TRIGGER session_sso_ends BEFORE INSERT OR UPDATE OF expires_at ON auth.session FOR EACH ROW
  WHEN (NEW.sso_tenant_id IS NOT NULL) EXECUTE FUNCTION auth.sso_session_ends();

-- Connections that are open are looked at again when only the provider leads there any more.
CREATE TRIGGER sso_connection_rights AFTER INSERT OR UPDATE OF enabled, enforced, issuer ON sso_connection FOR EACH ROW EXECUTE FUNCTION notify_tenant_rights();
CREATE TRIGGER sso_identity_rights AFTER DELETE ON sso_identity FOR EACH ROW EXECUTE FUNCTION notify_rights();

-- Whether the identity provider of the tenant still speaks for somebody.
CREATE FUNCTION sso_vouches(of_tenant text, person_id text) RETURNS boolean LANGUAGE sql STABLE SET search_path = public AS
$$ SELECT EXISTS (SELECT 1 FROM sso_connection c JOIN sso_identity i ON i.tenant_id = c.tenant_id AND i.issuer = c.issuer
     WHERE c.tenant_id = of_tenant AND c.enabled AND i.user_id = person_id AND tenant_entitled(of_tenant, 'sso')) $$;

-- A key that a session of the identity provider made, or let a program have, is no more than that session: without a role of the platform,
-- and good for as long as the provider speaks for its owner.
ALTER TABLE api_key ADD COLUMN sso boolean NOT NULL DEFAULT false;
ALTER TABLE auth.device_grant ADD COLUMN sso boolean NOT NULL DEFAULT false;
DROP FUNCTION lookup_api_key(text);
CREATE FUNCTION lookup_api_key(key_id text)
  RETURNS TABLE (id text, tenant_id text, user_id text, hash text, scopes text[], expires_at timestamptz, revoked_at timestamptz, key_role text, key_projects text[],
    sso boolean, vouched boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT k.id, k.tenant_id, k.user_id, k.hash, k.scopes, k.expires_at, k.revoked_at, k.role, k.project_ids, k.sso,
     NOT k.sso OR sso_vouches(k.tenant_id, k.user_id)
   FROM api_key k WHERE k.id = key_id $$;
REVOKE ALL ON FUNCTION lookup_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_api_key(text) TO clawloops_app;
