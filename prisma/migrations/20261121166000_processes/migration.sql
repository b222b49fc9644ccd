-- The processes of the platform as they tell of themselves every few seconds, and how much each part is to log for a while.
-- Neither belongs to a tenant: only the platform itself writes the one, and an admin's request the other.
CREATE TABLE platform_process (
  id text NOT NULL,
  part text NOT NULL,
  version text NOT NULL,
  build text,
  log_level text NOT NULL,
  facts jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz(3) NOT NULL,
  seen_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT platform_process_pkey PRIMARY KEY (id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform_process TO clawloops_system;

CREATE TABLE log_level (
  part text NOT NULL,
  level text NOT NULL,
  until timestamptz(3) NOT NULL,
  CONSTRAINT log_level_pkey PRIMARY KEY (part)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON log_level TO clawloops_app;
GRANT SELECT ON log_level TO clawloops_system;
