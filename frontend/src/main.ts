import ui from '@nuxt/ui/vue-plugin';
import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import App from './App.vue';
import { createQueryClient } from './api/query-client.ts';
import { createPortalI18n, loadInitialLocale } from './i18n/index.ts';
import { createPortalRouter } from './router.ts';
import './styles.css';

const queryClient = createQueryClient(() => {
  const { meta, fullPath } = router.currentRoute.value;
  // Before the first page there is no place to come back to; the router's own guard decides then.
  if (meta.public === true || meta.title === undefined) return;
  queryClient.clear();
  void router.push({ name: 'sign-in', query: { next: fullPath } });
});
const router = createPortalRouter(queryClient);
const i18n = createPortalI18n();

await loadInitialLocale(i18n);
createApp(App).use(VueQueryPlugin, { queryClient }).use(i18n).use(router).use(ui).mount('#app');
