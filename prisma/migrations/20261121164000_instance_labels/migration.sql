-- Labels as rows: under row-level security no index serves the operators of jsonb, because PostgreSQL has no proof that they leak
-- nothing. The rows follow instance.labels in the same statement, so nobody can forget them.
CREATE TABLE instance_label (
  tenant_id text NOT NULL,
  instance_id text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  CONSTRAINT instance_label_pkey PRIMARY KEY (instance_id, key)
);
ALTER TABLE instance_label ADD CONSTRAINT instance_label_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id) ON DELETE CASCADE;

INSERT INTO instance_label SELECT i.tenant_id, i.id, l.key, l.value FROM instance i, jsonb_each_text(i.labels) l;
CREATE INDEX instance_label_tenant_id_key_value_instance_id_idx ON instance_label (tenant_id, key, value, instance_id DESC);
DROP INDEX instance_labels_idx;

ALTER TABLE instance_label ENABLE ROW LEVEL SECURITY;
ALTER TABLE instance_label FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON instance_label TO clawloops_app;
CREATE POLICY tenant ON instance_label TO clawloops_app
  USING (tenant_id = current_setting('app.tenant', true)) WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY owner ON instance_label TO clawloops_owner USING (true) WITH CHECK (true);

CREATE FUNCTION keep_instance_labels() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  DELETE FROM instance_label WHERE instance_id = NEW.id;
  INSERT INTO instance_label SELECT NEW.tenant_id, NEW.id, l.key, l.value FROM jsonb_each_text(NEW.labels) l;
  RETURN NULL;
END $$;
CREATE TRIGGER instance_labels_made AFTER INSERT ON instance FOR EACH ROW WHEN (NEW.labels <> '{}') EXECUTE FUNCTION keep_instance_labels();
CREATE TRIGGER instance_labels_changed AFTER UPDATE OF labels ON instance FOR EACH ROW WHEN (NEW.labels IS DISTINCT FROM OLD.labels)
  EXECUTE FUNCTION keep_instance_labels();
