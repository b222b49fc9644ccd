import { useInfiniteQuery } from '@tanstack/vue-query';
import { computed, type MaybeRefOrGetter, ref, toValue } from 'vue';
import { type AuditQuery, type AuditVerdict, listAudit, verifyAudit } from '../../api/audit.ts';
import { QueryKeys } from '../../api/query-keys.ts';

const PAGE = 50;

/** Entries that match, page by page. */
export function useAudit(filter: MaybeRefOrGetter<AuditQuery>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => QueryKeys.auditList(toValue(filter))),
    queryFn: ({ pageParam }) => listAudit({ ...toValue(filter), limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const entries = computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []);
  return { query, entries };
}

/** Walks along the whole chain, piece by piece. */
export function useProof() {
  const verdict = ref<AuditVerdict | null>(null);
  const checked = ref(0);
  const running = ref(false);
  const error = ref<unknown>(null);

  async function prove(): Promise<void> {
    running.value = true;
    error.value = null;
    verdict.value = null;
    checked.value = 0;
    try {
      for (let cursor: string | null = null; ; ) {
        const piece: AuditVerdict = await verifyAudit(cursor);
        verdict.value = piece;
        checked.value += piece.checked;
        if (piece.state !== 'more') return;
        cursor = piece.nextCursor;
      }
    } catch (thrown) {
      error.value = thrown;
    } finally {
      running.value = false;
    }
  }
  return { verdict, checked, running, error, prove };
}
