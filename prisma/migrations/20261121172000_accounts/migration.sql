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
