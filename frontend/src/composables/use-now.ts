import { createSharedComposable, useDocumentVisibility, useIntervalFn } from '@vueuse/core';
import type { Ref } from 'vue';
import { ref, watch } from 'vue';

function createNow(): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const tick = (): void => {
    now.value = Date.now();
  };
  const { pause, resume } = useIntervalFn(tick, 1000);
  const visibility = useDocumentVisibility();
  watch(visibility, (state) => {
    if (state === 'hidden') return pause();
    tick();
    resume();
  });
  return now;
}

/** The present in milliseconds, ticking once a second for everything that counts down or up; still while nobody looks. */
export const useNow = createSharedComposable(createNow);
