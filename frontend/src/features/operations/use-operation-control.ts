import { useMutation, useQueryClient } from '@tanstack/vue-query';
import type { OperationControl, OperationView } from '../../../../workflows/contracts/operation.ts';
import { controlOperation } from '../../api/operations.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { useCommand } from '../../composables/use-command.ts';

/** The buttons of a running operation: Retry now, Give up, Cancel. */
export function useOperationControl() {
  const client = useQueryClient();
  const { refused } = useCommand();
  return useMutation({
    mutationFn: (input: { readonly operation: OperationView; readonly control: OperationControl }) => controlOperation(input.operation.id, input.control),
    onSuccess: (operation) => {
      client.setQueryData(QueryKeys.operation(operation.id), operation);
      void client.invalidateQueries({ queryKey: ['operations', 'list'] });
    },
    onError: refused,
  });
}
