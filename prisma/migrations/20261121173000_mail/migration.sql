-- Mail waits in a row of the transaction that asked for it; a workflow of its own sends it. What a message says, links with codes
-- among it, is sealed and is wiped when the message was sent or given up.
CREATE TABLE mail_message (
  id text NOT NULL,
  tenant_id text,
  recipient text NOT NULL,
  template text NOT NULL,
  locale text NOT NULL,
  sealed text,
  state text NOT NULL DEFAULT 'waiting',
  attempts integer NOT NULL DEFAULT 0,
  error jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  ended_at timestamptz(3),
  CONSTRAINT mail_message_pkey PRIMARY KEY (id)
);
CREATE INDEX mail_message_tenant_id_created_at_idx ON mail_message (tenant_id, created_at DESC);

-- Mail about an account belongs to no tenant, and no tenant sees it.
ALTER TABLE mail_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_message FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mail_message FOR SELECT TO clawloops_app USING (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON mail_message TO clawloops_owner USING (true) WITH CHECK (true);
CREATE POLICY system ON mail_message TO clawloops_system USING (true) WITH CHECK (true);
GRANT SELECT (id, tenant_id, recipient, template, locale, state, attempts, error, created_at, ended_at) ON mail_message TO clawloops_app;
GRANT SELECT, UPDATE, DELETE ON mail_message TO clawloops_system;

-- The only way for the application to send anything: the message, and the command by which the relay starts its workflow.
CREATE FUNCTION enqueue_mail(mail_id text, mail_tenant text, mail_recipient text, mail_template text, mail_locale text, mail_sealed text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
BEGIN
  IF mail_tenant IS DISTINCT FROM nullif(current_setting('app.tenant', true), '') AND mail_tenant IS NOT NULL THEN
    RAISE EXCEPTION 'mail of another tenant' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO mail_message (id, tenant_id, recipient, template, locale, sealed)
    VALUES (mail_id, mail_tenant, mail_recipient, mail_template, mail_locale, mail_sealed);
  INSERT INTO outbox (tenant_id, kind, key, payload) VALUES (coalesce(mail_tenant, ''), 'command', mail_id, jsonb_build_object('mailId', mail_id));
END $$;
REVOKE ALL ON FUNCTION enqueue_mail(text, text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_mail(text, text, text, text, text, text) TO clawloops_app;
