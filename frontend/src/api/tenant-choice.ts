/** Which of their tenants this tab works in. A tab keeps its own; a new one begins where the last choice was made. */
const KEY = 'clawloops-tenant';

/** Id of the chosen tenant; null: the first one that the person belongs to. */
export function chosenTenant(): string | null {
  return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
}

/** Chooses, or forgets the choice (null). What is on the page is of the tenant before: load it anew. */
export function chooseTenant(id: string | null): void {
  for (const store of [sessionStorage, localStorage]) {
    if (id === null) store.removeItem(KEY);
    else store.setItem(KEY, id);
  }
}

/** An address that the browser opens by itself, without our headers. */
export function ofChosenTenant(path: string): string {
  const tenant = chosenTenant();
  return tenant === null ? path : `${path}${path.includes('?') ? '&' : '?'}tenant=${encodeURIComponent(tenant)}`;
}
