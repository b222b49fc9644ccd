import { createI18n } from 'vue-i18n';
import type { Messages } from './en/index.ts';

/** Languages of the portal, by the tag that `<html lang>` and `Intl` take. */
export const LOCALES = ['en', 'zh', 'ja'] as const;
export type Locale = (typeof LOCALES)[number];

const STORAGE_KEY = 'clawloops-language';

const loaders: Readonly<Record<Locale, () => Promise<{ default: Messages }>>> = {
  en: () => import('./en/index.ts'),
  zh: () => import('./zh/index.ts'),
  ja: () => import('./ja/index.ts'),
};

/** The translator; languages are fetched when they are first used. */
export function createPortalI18n() {
  return createI18n({ legacy: false, locale: 'en' as Locale, fallbackLocale: false, messages: {} as Record<Locale, Messages>, missingWarn: false });
}

export type PortalI18n = ReturnType<typeof createPortalI18n>;

/** Switches the language, remembers it, and tells the document. */
export async function setLocale(i18n: Pick<PortalI18n, 'global'>, locale: Locale): Promise<void> {
  const messages = await loaders[locale]();
  i18n.global.setLocaleMessage(locale, messages.default);
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  localStorage.setItem(STORAGE_KEY, locale);
}

function isLocale(text: string): text is Locale {
  return (LOCALES as readonly string[]).includes(text);
}

/** The chosen language, else the first of the browser's that we speak, else English. */
export function preferredLocale(stored: string | null, browser: readonly string[]): Locale {
  if (stored !== null && isLocale(stored)) return stored;
  for (const tag of browser) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    if (isLocale(language)) return language;
  }
  return 'en';
}

/** Loads the language of this browser before the first paint. */
export function loadInitialLocale(i18n: PortalI18n): Promise<void> {
  return setLocale(i18n, preferredLocale(localStorage.getItem(STORAGE_KEY), navigator.languages));
}
