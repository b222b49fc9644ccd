/** The domain of an address that looks complete, in small letters; empty while it does not. */
export function domainOf(address: string): string {
  const [, domain = ''] = /^[^@\s]+@((?:[a-z0-9-]+\.)+[a-z0-9-]{2,63})$/i.exec(address.trim()) ?? [];
  return domain.toLowerCase();
}
