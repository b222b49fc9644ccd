import { useQueryClient } from '@tanstack/vue-query';
import { signOut } from '../../api/account.ts';
import { chooseTenant } from '../../api/tenant-choice.ts';
import { useCommand } from '../../composables/use-command.ts';
import { forgetTranscripts } from '../chat/transcript-store.ts';

/** Ends the session and leaves nothing of it in this browser: a full load also closes every socket. */
export function useSignOut() {
  const client = useQueryClient();
  const { refused } = useCommand();

  async function leave(): Promise<void> {
    try {
      await signOut();
    } catch (error) {
      return refused(error);
    }
    client.clear();
    forgetTranscripts();
    chooseTenant(null);
    location.assign('/sign-in');
  }

  return { leave };
}
