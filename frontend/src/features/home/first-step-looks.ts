import type { RouteLocationRaw } from 'vue-router';
import type { FirstStep } from './home-view.ts';

/** Icon of each first step and where it is done. */
export const FIRST_STEP_LOOKS: Readonly<Record<FirstStep['key'], { readonly icon: string; readonly to: RouteLocationRaw }>> = {
  create: { icon: 'i-lucide-bot', to: { name: 'instance-new' } },
  chat: { icon: 'i-lucide-message-square', to: { name: 'instances' } },
  provider: { icon: 'i-lucide-sparkles', to: { name: 'models', query: { add: 'provider' } } },
  key: { icon: 'i-lucide-terminal', to: { name: 'settings', params: { section: 'api-keys' }, query: { add: 'key' } } },
  invite: { icon: 'i-lucide-user-plus', to: { name: 'members', query: { add: 'people' } } },
};
