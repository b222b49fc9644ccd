-- What came of an act, why it was refused, and from where it came. Rows of before have none of it, and their hashes do not cover it.
ALTER TABLE audit_event ADD COLUMN result text, ADD COLUMN reason text, ADD COLUMN user_agent text;

-- The end of a chain is signed with a key that the database does not have, and so is the place where retention cut its beginning off.
ALTER TABLE audit_head
  ADD COLUMN signature text,
  ADD COLUMN cut_seq integer NOT NULL DEFAULT 0,
  ADD COLUMN cut_hash text NOT NULL DEFAULT '',
  ADD COLUMN cut_signature text,
  ADD COLUMN cut_at timestamptz(3);

CREATE INDEX audit_event_tenant_id_at_idx ON audit_event (tenant_id, at);
CREATE INDEX audit_event_tenant_id_target_seq_idx ON audit_event (tenant_id, target, seq DESC);
CREATE INDEX audit_event_tenant_id_action_seq_idx ON audit_event (tenant_id, action, seq DESC);
CREATE INDEX audit_event_request_id_idx ON audit_event (tenant_id, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_event_person_idx ON audit_event (tenant_id, split_part(actor, '/', 1), seq DESC);

-- The application moves the end and nothing else; only the platform cuts.
REVOKE UPDATE, DELETE ON audit_head FROM clawloops_app;
GRANT UPDATE (seq, hash, signature) ON audit_head TO clawloops_app;
GRANT SELECT, DELETE ON audit_event TO clawloops_system;
GRANT SELECT, UPDATE ON audit_head TO clawloops_system;
CREATE POLICY system ON audit_event TO clawloops_system USING (true) WITH CHECK (true);
CREATE POLICY system ON audit_head TO clawloops_system USING (true) WITH CHECK (true);

-- Who changed it last. Empty in rows that nobody changed since this column is there and the maker is unknown to the code that wrote them.
ALTER TABLE provider ADD COLUMN last_updated_by text;
UPDATE provider SET last_updated_by = created_by;
ALTER TABLE claw_type ADD COLUMN last_updated_by text;
UPDATE claw_type SET last_updated_by = created_by;
