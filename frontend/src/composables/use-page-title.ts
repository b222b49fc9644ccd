import type { MaybeRefOrGetter } from 'vue';
import { toValue, watchEffect } from 'vue';

/** Sets the title of the browser tab; an empty title leaves the product's name alone. */
export function usePageTitle(title: MaybeRefOrGetter<string>): void {
  watchEffect(() => {
    const text = toValue(title);
    document.title = text === '' ? 'ClawLoops' : `${text} · ClawLoops`;
  });
}
