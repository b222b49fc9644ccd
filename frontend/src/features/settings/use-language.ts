import { useI18n } from 'vue-i18n';
import type { Locale, PortalI18n } from '../../i18n/index.ts';
import { setLocale } from '../../i18n/index.ts';

/** Every language by its own name. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = { en: 'English', zh: '简体中文', ja: '日本語' };

/** The language of the portal and how to change it. */
export function useLanguage() {
  const composer = useI18n({ useScope: 'global' });
  const choose = (locale: string): void => {
    if (locale in LOCALE_NAMES) void setLocale({ global: composer } as unknown as Pick<PortalI18n, 'global'>, locale as Locale);
  };
  return { locale: composer.locale, choose };
}
