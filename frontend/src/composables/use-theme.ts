import { createSharedComposable, useColorMode } from '@vueuse/core';

/** `auto` follows the system. Kept where `theme.js` looks before the first paint. */
export const useTheme = createSharedComposable(() => useColorMode({ storageKey: 'clawloops-theme', disableTransition: true, emitAuto: true }));
