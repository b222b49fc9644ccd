import { useMutation } from '@tanstack/vue-query';
import type { Accepted, PlainAction } from '../../api/instances.ts';
import { actOnInstance, destroyInstance } from '../../api/instances.ts';
import { useCommand } from '../../composables/use-command.ts';

/** Commands to one instance; each ends with a toast that links to its operation or says why it was refused. */
export function useInstanceCommand(id: () => string) {
  const { accepted, refused } = useCommand();
  const outcome = { onSuccess: (answer: Accepted) => accepted(answer.operation), onError: refused };
  const act = useMutation({ mutationFn: (action: PlainAction) => actOnInstance(id(), action), ...outcome });
  const destroy = useMutation({ mutationFn: (retention: 'retain' | 'wipe') => destroyInstance(id(), retention), ...outcome });
  return { act, destroy };
}
