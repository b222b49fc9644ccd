-- Who must hear of a change of a host: its own tenant, or every tenant when the host belongs to the platform. Ids only.
CREATE FUNCTION host_audience(wanted_host text) RETURNS TABLE (tenant_id text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT t.id FROM host h JOIN tenant t ON h.tenant_id IS NULL OR t.id = h.tenant_id WHERE h.id = wanted_host $$;

REVOKE ALL ON FUNCTION host_audience(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION host_audience(text) TO clawloops_system;
