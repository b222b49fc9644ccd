-- An offer of membership to one e-mail address, for 72 hours and one acceptance. Only the hash of its secret is kept.
CREATE TABLE invitation (
  id text NOT NULL,
  tenant_id text NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  grants jsonb NOT NULL DEFAULT '[]',
  hash text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  invited_by text NOT NULL,
  mailed boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  sent_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  accepted_by text,
  CONSTRAINT invitation_pkey PRIMARY KEY (id)
);
CREATE INDEX invitation_tenant_id_id_idx ON invitation (tenant_id, id DESC);
-- Nobody waits for two invitations of one tenant at a time.
CREATE UNIQUE INDEX invitation_pending_key ON invitation (tenant_id, email) WHERE state = 'pending';

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitation TO clawloops_app USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON invitation TO clawloops_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON invitation TO clawloops_app;

-- Whoever holds a code belongs to no tenant yet: it says which tenant to ask, and nothing else.
CREATE FUNCTION lookup_invitation(invitation_id text) RETURNS TABLE (tenant_id text, hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT i.tenant_id, i.hash FROM invitation i WHERE i.id = invitation_id $$;
REVOKE ALL ON FUNCTION lookup_invitation(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup_invitation(text) TO clawloops_app;

-- When a member last asked for anything, noted every few minutes.
ALTER TABLE membership ADD COLUMN last_seen_at timestamptz(3);
-- Having been here is no change of rights: nobody's connections need be looked at for it.
DROP TRIGGER membership_rights ON membership;
CREATE TRIGGER membership_rights AFTER INSERT OR UPDATE OF role OR DELETE ON membership FOR EACH ROW EXECUTE FUNCTION notify_rights();
