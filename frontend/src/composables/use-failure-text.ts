import { useI18n } from 'vue-i18n';
import { asProblem, NETWORK_CODE } from '../api/problem.ts';

/** What a person reads of a failure: what happened, the particular case where it adds something, and what to do. */
export interface FailureText {
  readonly title: string;
  readonly detail: string | null;
  readonly nextStep: string | null;
}

interface FailureLike {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string | null;
}

/** Failures in the language of the portal. The API writes English; other languages have every code of the contract by heart. */
export function useFailureText() {
  const { t, te, locale } = useI18n();

  function failureText(failure: FailureLike): FailureText {
    if (failure.code === NETWORK_CODE) return { title: t('error.network.title'), detail: null, nextStep: t('error.network.next') };
    const known = `failures.${failure.code}.title`;
    if (locale.value === 'en' || !te(known)) return { title: failure.message, detail: null, nextStep: failure.nextStep };
    return { title: t(known), detail: failure.message, nextStep: t(`failures.${failure.code}.next`) };
  }

  return { failureText, problemText: (error: unknown): FailureText => failureText(asProblem(error)) };
}
