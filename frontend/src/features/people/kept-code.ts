import { codeOfFragment } from '../session/setup-code.ts';

const KEY = 'clawloops-invitation';

/** Where a code waits in this tab while somebody signs in; gone with the tab. */
type Drawer = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The code of the link that was opened, or the one that waits since before the sign-in. Empty when there is none. */
export function takeCode(fragment: string, drawer: Drawer = sessionStorage): string {
  const opened = codeOfFragment(fragment);
  if (opened !== '') drawer.setItem(KEY, opened);
  return opened === '' ? (drawer.getItem(KEY) ?? '') : opened;
}

/** Forgets it, once it is used or of no use. */
export function dropCode(drawer: Drawer = sessionStorage): void {
  drawer.removeItem(KEY);
}
