import { fileURLToPath } from 'node:url';
import ui from '@nuxt/ui/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const apiUrl = process.env.API_URL ?? 'http://127.0.0.1:4310';

/** The portal: built into `frontend/dist`, which the API serves; `vite` alone proxies to a running API at API_URL. */
export default defineConfig({
  root,
  plugins: [
    vue(),
    ui({
      autoImport: false,
      components: { dts: 'node_modules/.nuxt-ui/components.d.ts', dirs: [] },
      experimental: { componentDetection: true },
      // Icons are found in the sources, data included, and bundled: the page asks no other origin.
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] } } },
      theme: { colors: ['primary', 'secondary', 'success', 'info', 'warning', 'error'] },
      ui: {
        colors: { primary: 'teal', secondary: 'teal', success: 'green', info: 'sky', warning: 'amber', error: 'red', neutral: 'zinc' },
        button: {
          slots: { base: 'disabled:opacity-50 aria-disabled:opacity-50' },
          variants: { size: { md: { leadingIcon: 'size-4', trailingIcon: 'size-4' } } },
        },
        slideover: { slots: { description: 'pe-8 text-[13px]' } },
        modal: { slots: { description: 'text-[13px]' } },
        formField: { slots: { description: 'text-[13px]', help: 'text-[13px]', error: 'text-[13px]' } },
      },
    }),
  ],
  resolve: { alias: [{ find: /^@iconify\/vue$/, replacement: `${root}src/icons.ts` }] },
  // What the portal does not use of vue-i18n and the developer tools stays out of the first load.
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false, __VUE_PROD_DEVTOOLS__: false },
  server: {
    proxy: {
      '/api': { target: apiUrl, ws: true },
      '/realtime': { target: apiUrl, ws: true },
    },
  },
  build: { target: 'es2023', sourcemap: false },
});
