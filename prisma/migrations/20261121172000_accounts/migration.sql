-- Accounts: second factors, passkeys, codes sent by mail, waits after wrong passwords, people and members that are stopped, and keys
-- that may less than their owner.

ALTER TABLE auth."user"
  ADD COLUMN two_factor_enabled boolean NOT NULL DEFAULT false,
  ADD COLUMN must_change_password boolean NOT NULL DEFAULT false,
  ADD COLUMN disabled_at timestamptz(3),
  ADD COLUMN disabled_by text;

-- Whoever was vouched for by a tenant's own identity provider is signed in to that tenant only.
ALTER TABLE auth.session ADD COLUMN sso_tenant_id text;

CREATE TABLE auth.two_factor (
  id text NOT NULL,
  secret text NOT NULL,
  backup_codes text NOT NULL,
  user_id text NOT NULL,
  verified boolean NOT NULL DEFAULT true,
  failed_verification_count integer NOT NULL DEFAULT 0,
  locked_until timestamptz(3),
  CONSTRAINT two_factor_pkey PRIMARY KEY (id)
);
CREATE INDEX two_factor_secret_idx ON auth.two_factor (secret);
CREATE UNIQUE INDEX two_factor_user_id_key ON auth.two_factor (user_id);

CREATE TABLE auth.passkey (
  id text NOT NULL,
  user_id text NOT NULL,
  name text NOT NULL,
  credential_id text NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL DEFAULT 0,
  transports text[] NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3),
  CONSTRAINT passkey_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX passkey_credential_id_key ON auth.passkey (credential_id);
CREATE INDEX passkey_user_id_idx ON auth.passkey (user_id);

-- Single-use codes that prove an address; only sha256 of the code is kept. One of each kind lives per person.
CREATE TABLE auth.account_code (
  hash text NOT NULL,
  user_id text NOT NULL,
  purpose text NOT NULL,
  email text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT account_code_pkey PRIMARY KEY (hash)
);
CREATE UNIQUE INDEX account_code_user_id_purpose_key ON auth.account_code (user_id, purpose);

-- Wrong passwords by account, by address, and by both; the key is a hash. Waits grow and end, always.
CREATE TABLE auth.sign_in_wait (
  key text NOT NULL,
  failures integer NOT NULL,
  last_failure_at timestamptz(3) NOT NULL DEFAULT now(),
  known_until timestamptz(3),
  CONSTRAINT sign_in_wait_pkey PRIMARY KEY (key)
);

ALTER TABLE auth.two_factor ADD CONSTRAINT two_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;
ALTER TABLE auth.passkey ADD CONSTRAINT passkey_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;
ALTER TABLE auth.account_code ADD CONSTRAINT account_code_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user" (id) ON DELETE CASCADE;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.two_factor, auth.passkey, auth.account_code, auth.sign_in_wait TO clawloops_app;

-- Whoever chose a new password has done what was asked of them.
CREATE FUNCTION auth.password_chosen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE auth."user" SET must_change_password = false WHERE id = NEW.user_id AND must_change_password;
  RETURN NULL;
END $$;
CREATE TRIGGER account_password_chosen AFTER UPDATE OF password ON auth.account FOR EACH ROW
  WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION auth.password_chosen();

-- Keys that may less than their owner: at most this role, in these projects only. Null: whatever the owner may.
ALTER TABLE api_key
  ADD COLUMN role text CONSTRAINT api_key_role_check CHECK (role IN ('owner', 'admin', 'operator', 'approver', 'member', 'viewer')),
  ADD COLUMN project_ids text[],
  ADD COLUMN replaces text;
DROP FUNCTION lookup_api_key(text);
CREATE FUNCTION lookup_api_key(key_id text)
  RETURNS TABLE (id text, tenant_id text, user_id text, hash text, scopes text[], expires_at timestamptz, revoked_at timestamptz, key_role text, key_projects text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT k.id, k.tenant_id, k.user_id, k.hash, k.scopes, k.expires_at, k.revoked_at, k.role, k.project_ids FROM api_key k WHERE k.id = key_id $$;
REVOKE ALL ON FUNCTION lookup_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_api_key(text) TO clawloops_app;

-- A member who is suspended, and a person who is disabled, are nowhere until that ends.
ALTER TABLE membership ADD COLUMN suspended_at timestamptz(3), ADD COLUMN suspended_by text;
CREATE OR REPLACE FUNCTION lookup_memberships(member_id text) RETURNS TABLE (tenant_id text, tenant_name text, tenant_state text, role text, grants jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT m.tenant_id, t.name, t.state, m.role,
     coalesce((SELECT jsonb_agg(jsonb_build_object('projectId', g.project_id, 'role', g.role) ORDER BY g.project_id)
               FROM project_grant g WHERE g.tenant_id = m.tenant_id AND g.user_id = m.user_id), '[]')
   FROM membership m JOIN tenant t ON t.id = m.tenant_id
   WHERE m.user_id = member_id AND t.state <> 'deleted' AND m.suspended_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM auth."user" u WHERE u.id = member_id AND u.disabled_at IS NOT NULL)
   ORDER BY m.created_at, m.tenant_id $$;
CREATE OR REPLACE FUNCTION lookup_platform_role(person_id text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT p.role FROM platform_role p WHERE p.user_id = person_id
   AND NOT EXISTS (SELECT 1 FROM auth."user" u WHERE u.id = person_id AND u.disabled_at IS NOT NULL) $$;

DROP TRIGGER membership_rights ON membership;
CREATE TRIGGER membership_rights AFTER INSERT OR UPDATE OF role, suspended_at OR DELETE ON membership FOR EACH ROW EXECUTE FUNCTION notify_rights();
CREATE TRIGGER user_rights AFTER UPDATE OF disabled_at, must_change_password ON auth."user" FOR EACH ROW
  WHEN (OLD.disabled_at IS DISTINCT FROM NEW.disabled_at OR OLD.must_change_password <> NEW.must_change_password) EXECUTE FUNCTION notify_rights();

-- The platform lists people; what protects their accounts it does not see.
GRANT SELECT (id, name, email, email_verified, two_factor_enabled, must_change_password, disabled_at, created_at) ON auth."user" TO clawloops_system;

-- A program that waits to be let in by somebody who is signed in elsewhere (RFC 8628). Of its own code only sha256 is kept.
CREATE TABLE auth.device_grant (
  hash text NOT NULL,
  user_code text NOT NULL,
  device text NOT NULL,
  scopes text[] NOT NULL,
  ip text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  user_id text,
  tenant_id text,
  last_polled_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT device_grant_pkey PRIMARY KEY (hash)
);
CREATE UNIQUE INDEX device_grant_user_code_key ON auth.device_grant (user_code);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.device_grant TO clawloops_app;
