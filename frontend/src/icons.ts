import { addIcon as add, type IconifyIcon } from '@iconify/vue/offline';

// Stands in for @iconify/vue in the build: without the part that asks a public host for icons, which the portal must never do.
export { Icon } from '@iconify/vue/offline';

/** Makes a bundled icon known. It is asked for as `lucide-house`, whichever way it was given. */
export function addIcon(name: string, icon: IconifyIcon): void {
  add(name.replace(':', '-'), icon);
}

/** Every icon is bundled. */
export const iconLoaded = (): boolean => true;
