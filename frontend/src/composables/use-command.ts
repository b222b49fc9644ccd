import { useToast } from '@nuxt/ui/composables';
import { useQueryClient } from '@tanstack/vue-query';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { OperationView } from '../../../workflows/contracts/operation.ts';
import { asProblem } from '../api/problem.ts';
import { QueryKeys } from '../api/query-keys.ts';
import { useFailureText } from './use-failure-text.ts';

/** Says what became of a command: accepted ones link to their operation, refused ones say why and what to do. */
export function useCommand() {
  const toast = useToast();
  const router = useRouter();
  const client = useQueryClient();
  const { t } = useI18n();
  const { problemText } = useFailureText();

  function accepted(operation: OperationView): void {
    client.setQueryData(QueryKeys.operation(operation.id), operation);
    void client.invalidateQueries({ queryKey: QueryKeys.instances });
    void client.invalidateQueries({ queryKey: ['operations', 'list'] });
    toast.add({
      title: t(`command.accepted.${operation.kind}`, { name: operation.target.name }),
      icon: 'i-lucide-circle-check',
      color: 'neutral',
      orientation: 'horizontal',
      actions: [
        {
          label: t('command.view'),
          color: 'neutral',
          variant: 'outline',
          onClick: () => void router.push({ name: 'operation', params: { id: operation.id } }),
        },
      ],
    });
  }

  function refused(error: unknown): void {
    const text = problemText(error);
    const { requestId } = asProblem(error);
    toast.add({
      title: text.title,
      description: [text.detail, text.nextStep, requestId === null ? null : t('error.requestId', { id: requestId })].filter((part) => part !== null).join(' '),
      icon: 'i-lucide-circle-alert',
      color: 'error',
      duration: 12_000,
    });
  }

  function done(title: string): void {
    toast.add({ title, icon: 'i-lucide-circle-check', color: 'neutral' });
  }

  return { accepted, refused, done };
}
