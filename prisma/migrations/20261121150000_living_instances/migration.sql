-- Counting, searching by name and finding a page of the living instances touch this index only: under row-level security no
-- other kind of index can serve LIKE, and the rows themselves are wide.
CREATE INDEX instance_living_idx ON instance (tenant_id, id DESC) INCLUDE (name) WHERE destroyed_at IS NULL;
