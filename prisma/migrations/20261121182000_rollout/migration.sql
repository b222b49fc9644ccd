-- Rollouts: one change that is carried to many instances in waves. `plan`, `change` and the targets are frozen when it is made; `state` is what
-- its workflow goes on from, and phase, reason, wave and stage are columns of it for lists.
CREATE TABLE rollout (
  id text NOT NULL,
  tenant_id text NOT NULL,
  name text NOT NULL,
  change jsonb NOT NULL,
  -- What the change touches, so that two rollouts of one path can be told.
  paths text[] NOT NULL,
  selector jsonb NOT NULL,
  plan jsonb NOT NULL,
  targets integer NOT NULL,
  phase text NOT NULL,
  reason text,
  message text,
  wave integer NOT NULL DEFAULT -1,
  stage text NOT NULL DEFAULT 'approval',
  state jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  finished_at timestamptz(3),
  CONSTRAINT rollout_pkey PRIMARY KEY (id)
);
CREATE INDEX rollout_tenant_id_id_idx ON rollout (tenant_id, id DESC);

CREATE TABLE rollout_wave (
  rollout_id text NOT NULL,
  tenant_id text NOT NULL,
  wave integer NOT NULL,
  targets integer NOT NULL,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  CONSTRAINT rollout_wave_pkey PRIMARY KEY (rollout_id, wave)
);
ALTER TABLE rollout_wave ADD CONSTRAINT rollout_wave_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES rollout (id) ON DELETE CASCADE;

-- `spec_before`: what a rollback brings back; null until the target is touched. `batch_id`: who changed it last, so that nobody changes it twice.
CREATE TABLE rollout_target (
  rollout_id text NOT NULL,
  instance_id text NOT NULL,
  tenant_id text NOT NULL,
  wave integer NOT NULL,
  position integer NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  attempt integer NOT NULL DEFAULT 0,
  runs boolean NOT NULL DEFAULT true,
  spec_before jsonb,
  generation_before integer,
  config_hash_before text,
  config_hash_after text,
  restarts integer,
  operation_id text,
  batch_id text,
  error jsonb,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  CONSTRAINT rollout_target_pkey PRIMARY KEY (rollout_id, instance_id)
);
ALTER TABLE rollout_target ADD CONSTRAINT rollout_target_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES rollout (id) ON DELETE CASCADE;
ALTER TABLE rollout_target ADD CONSTRAINT rollout_target_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES instance (id) ON DELETE CASCADE;
CREATE INDEX rollout_target_wave_idx ON rollout_target (rollout_id, wave, position);
CREATE INDEX rollout_target_instance_id_idx ON rollout_target (instance_id);

-- `subject`: what was agreed to, `start` or the number of a wave.
CREATE TABLE rollout_approval (
  id text NOT NULL,
  tenant_id text NOT NULL,
  rollout_id text NOT NULL,
  subject text NOT NULL,
  decision text NOT NULL,
  user_id text NOT NULL,
  comment text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT rollout_approval_pkey PRIMARY KEY (id),
  CONSTRAINT rollout_approval_key UNIQUE (rollout_id, subject, user_id)
);
ALTER TABLE rollout_approval ADD CONSTRAINT rollout_approval_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES rollout (id) ON DELETE CASCADE;

CREATE TABLE rollout_verdict (
  rollout_id text NOT NULL,
  seq integer NOT NULL,
  tenant_id text NOT NULL,
  wave integer NOT NULL,
  decision text NOT NULL,
  checks jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT rollout_verdict_pkey PRIMARY KEY (rollout_id, seq)
);
ALTER TABLE rollout_verdict ADD CONSTRAINT rollout_verdict_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES rollout (id) ON DELETE CASCADE;

DO $$ DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['rollout', 'rollout_wave', 'rollout_target', 'rollout_approval', 'rollout_verdict'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clawloops_app USING (tenant_id = current_setting(''app.tenant'', true)) WITH CHECK (tenant_id = current_setting(''app.tenant'', true))', name);
    EXECUTE format('CREATE POLICY owner ON %I TO clawloops_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO clawloops_app', name);
  END LOOP;
END $$;
