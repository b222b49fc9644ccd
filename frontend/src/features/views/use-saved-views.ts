import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { useI18n } from 'vue-i18n';
import { QueryKeys } from '../../api/query-keys.ts';
import type { SavedView, SavedViewQuery } from '../../api/views.ts';
import { createView, listViews, removeView, updateView } from '../../api/views.ts';
import { useCommand } from '../../composables/use-command.ts';

/** What a view is to be. Without an id a new one is made. */
export interface ViewDraft {
  readonly id: string | null;
  readonly name: string;
  readonly query: SavedViewQuery;
}

/** The person's views and what can be done with them; the tabs show a change before the list of views was read again. */
export function useSavedViews() {
  const { t } = useI18n();
  const client = useQueryClient();
  const { done, refused } = useCommand();
  const query = useQuery({ queryKey: QueryKeys.views, queryFn: listViews });
  const known = (): readonly SavedView[] => client.getQueryData<readonly SavedView[]>(QueryKeys.views) ?? [];
  const put = (views: readonly SavedView[]): void => {
    client.setQueryData(QueryKeys.views, views);
  };

  const save = useMutation({
    mutationFn: ({ id, name, query: kept }: ViewDraft) => (id === null ? createView(name, kept) : updateView(id, name, kept)),
    onSuccess: (view) => {
      put([...known().filter(({ id }) => id !== view.id), view].sort((a, b) => a.name.localeCompare(b.name)));
      done(t('views.saved', { name: view.name }));
    },
  });
  const remove = useMutation({
    mutationFn: ({ id }: SavedView) => removeView(id),
    onSuccess: (_answer, view) => {
      put(known().filter(({ id }) => id !== view.id));
      done(t('views.removed', { name: view.name }));
    },
    onError: refused,
  });
  return { query, save, remove };
}
