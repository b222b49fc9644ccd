-- Claws that a bridge has and that the database has never heard of: made after the backup it was restored from. They run on until somebody decides.
ALTER TABLE host ADD COLUMN unknown_claws JSONB NOT NULL DEFAULT '[]';

-- The uid and the ports of such a claw are taken.
CREATE OR REPLACE FUNCTION reserve_host_slot(wanted_host text, wanted_instance text, wanted_tenant text, wanted_cpu_millis integer, wanted_memory_bytes bigint)
  RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$
DECLARE
  host_info jsonb;
  strangers jsonb;
  taken record;
  free_slot integer;
BEGIN
  SELECT slot INTO free_slot FROM host_slot WHERE instance_id = wanted_instance AND host_id = wanted_host;
  SELECT info, unknown_claws INTO host_info, strangers FROM host WHERE id = wanted_host AND (tenant_id IS NULL OR tenant_id = wanted_tenant) FOR NO KEY UPDATE;
  IF NOT FOUND OR host_info IS NULL THEN
    RAISE EXCEPTION 'the host is not ready' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  -- Claws of such a host run as one user and can read one another's files, so all of them are of one tenant.
  IF host_info->>'isolation' = 'none' AND EXISTS (SELECT 1 FROM instance i WHERE i.host_id = wanted_host AND i.tenant_id <> wanted_tenant AND i.destroyed_at IS NULL) THEN
    RAISE EXCEPTION 'the host serves another tenant' USING ERRCODE = 'insufficient_resources';
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
    WHERE NOT EXISTS (SELECT 1 FROM host_slot s WHERE s.host_id = wanted_host AND s.slot = n)
      AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(strangers) claw WHERE (claw->>'slot')::integer = n)
    ORDER BY n LIMIT 1;
  IF free_slot IS NULL THEN
    RAISE EXCEPTION 'the host has no free slot' USING ERRCODE = 'insufficient_resources';
  END IF;
  INSERT INTO host_slot (host_id, slot, tenant_id, instance_id, cpu_millis, memory_bytes)
    VALUES (wanted_host, free_slot, wanted_tenant, wanted_instance, wanted_cpu_millis, wanted_memory_bytes);
  RETURN free_slot;
END $$;
