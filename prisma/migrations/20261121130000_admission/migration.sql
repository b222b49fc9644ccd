-- A new instance holds a key share of its host's row (its foreign key) when it asks for a slot. A full row lock would wait for the
-- key shares of all other new instances, which wait for it in turn; this one lets them be and still admits one at a time.
CREATE OR REPLACE FUNCTION reserve_host_slot(wanted_host text, wanted_instance text, wanted_tenant text, wanted_cpu_millis integer, wanted_memory_bytes bigint)
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
DECLARE
  host_info jsonb;
  taken record;
  free_slot integer;
BEGIN
  SELECT slot INTO free_slot FROM host_slot WHERE instance_id = wanted_instance AND host_id = wanted_host;
  SELECT info INTO host_info FROM host WHERE id = wanted_host AND (tenant_id IS NULL OR tenant_id = wanted_tenant) FOR NO KEY UPDATE;
  IF NOT FOUND OR host_info IS NULL THEN
    RAISE EXCEPTION 'the host is not ready' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT coalesce(sum(cpu_millis), 0) AS cpu, coalesce(sum(memory_bytes), 0) AS memory INTO taken
    FROM host_slot WHERE host_id = wanted_host AND instance_id <> wanted_instance;
  IF taken.memory + wanted_memory_bytes > (host_info->>'memoryBytes')::bigint THEN
    RAISE EXCEPTION 'the host has % bytes of memory free', (host_info->>'memoryBytes')::bigint - taken.memory USING ERRCODE = 'insufficient_resources';
  END IF;
  IF wanted_cpu_millis > (host_info->>'cpus')::integer * 1000 THEN
    RAISE EXCEPTION 'the host has % CPUs', host_info->>'cpus' USING ERRCODE = 'insufficient_resources';
  END IF;
  IF free_slot IS NOT NULL THEN
    UPDATE host_slot SET cpu_millis = wanted_cpu_millis, memory_bytes = wanted_memory_bytes WHERE instance_id = wanted_instance;
    RETURN free_slot;
  END IF;
  SELECT n INTO free_slot FROM generate_series(0, (host_info->'ports'->>'slots')::integer - 1) AS n
    WHERE NOT EXISTS (SELECT 1 FROM host_slot s WHERE s.host_id = wanted_host AND s.slot = n) ORDER BY n LIMIT 1;
  IF free_slot IS NULL THEN
    RAISE EXCEPTION 'the host has no free slot' USING ERRCODE = 'insufficient_resources';
  END IF;
  INSERT INTO host_slot (host_id, slot, tenant_id, instance_id, cpu_millis, memory_bytes)
    VALUES (wanted_host, free_slot, wanted_tenant, wanted_instance, wanted_cpu_millis, wanted_memory_bytes);
  RETURN free_slot;
END $$;

-- Old idempotency records are removed across tenants. Their times are all the system role may see of them.
GRANT SELECT (created_at) ON idempotency_record TO clawloops_system;
CREATE POLICY system ON idempotency_record FOR SELECT TO clawloops_system USING (true);
CREATE POLICY system_delete ON idempotency_record FOR DELETE TO clawloops_system USING (created_at < now() - interval '1 hour');
