-- How many days the audit of one tenant is kept, where that is not what the platform keeps.
ALTER TABLE tenant ADD COLUMN audit_keep_days integer CONSTRAINT tenant_audit_keep_days_check CHECK (audit_keep_days BETWEEN 30 AND 36500);
