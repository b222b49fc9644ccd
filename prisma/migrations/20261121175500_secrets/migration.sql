-- Keys that secrets and payloads are sealed with, each wrapped by the key file or by what stands in its place. The newest seals, all open.
-- Without a row the key file itself seals.
CREATE TABLE data_key (
  id text NOT NULL,
  wrapped text NOT NULL,
  rotation_id text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT data_key_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX data_key_rotation_id_key ON data_key (rotation_id);

-- A new key for everything that is sealed. Of the platform, not of a tenant.
CREATE TABLE key_rotation (
  id text NOT NULL,
  state text NOT NULL DEFAULT 'running',
  started_by text NOT NULL,
  total integer,
  resealed integer NOT NULL DEFAULT 0,
  unreadable integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3),
  CONSTRAINT key_rotation_pkey PRIMARY KEY (id)
);
-- One at a time.
CREATE UNIQUE INDEX key_rotation_running_key ON key_rotation (state) WHERE state = 'running';

GRANT SELECT, INSERT ON data_key TO clawloops_system;
GRANT UPDATE (wrapped) ON data_key TO clawloops_system;
GRANT SELECT (id, rotation_id, created_at) ON data_key TO clawloops_app;
GRANT SELECT, INSERT ON key_rotation TO clawloops_app;
GRANT SELECT, UPDATE ON key_rotation TO clawloops_system;

-- Id of the key that an envelope names, without opening it; null for what is no envelope.
CREATE FUNCTION sealed_with(envelope text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = public AS
$$
DECLARE head text := translate(split_part(envelope, '.', 1), '-_', '+/');
BEGIN
  RETURN convert_from(decode(rpad(head, (length(head) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb ->> 'kid';
EXCEPTION WHEN data_exception OR invalid_text_representation THEN
  RETURN NULL;
END $$;

-- The system role gives every sealed column its new envelope, and sees nothing else of these rows.
GRANT SELECT (id, credential), UPDATE (credential) ON provider TO clawloops_system;
GRANT SELECT (id, sealed), UPDATE (sealed) ON model_key TO clawloops_system;
GRANT UPDATE (secrets) ON workload TO clawloops_system;
GRANT SELECT (tenant_id, actor, key, body), UPDATE (body) ON idempotency_record TO clawloops_system;
CREATE POLICY system_sealed ON provider FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system_sealed ON model_key FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system_reseal ON provider FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system_reseal ON model_key FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system_reseal ON workload FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system_reseal ON idempotency_record FOR UPDATE TO clawloops_system USING (true) WITH CHECK (true);
