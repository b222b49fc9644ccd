import { useRoute, useRouter } from 'vue-router';

/** Filters that live in the query of the URL, so that a link shows the same list and Back works. */
export function useUrlFilter() {
  const route = useRoute();
  const router = useRouter();

  function text(name: string): string | undefined {
    const value = route.query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Changes the named parts and keeps the rest; `undefined` takes a part away. `replace` leaves no step to go back to. */
  function set(parts: Readonly<Record<string, string | undefined>>, replace = false): void {
    const query = { ...route.query, ...parts };
    for (const [name, value] of Object.entries(parts)) if (value === undefined) delete query[name];
    void router[replace ? 'replace' : 'push']({ query });
  }

  return { text, set };
}
