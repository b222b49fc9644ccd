import { chooseTenant } from '../../api/tenant-choice.ts';

/** Works in another tenant from here on. A full load leaves nothing of the one before: no answer in a cache, no open socket. */
export function goToTenant(id: string | null): void {
  chooseTenant(id);
  location.assign('/');
}
