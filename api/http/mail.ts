import { MailLocale } from '../../workflows/contracts/mail.ts';

/** The best of our languages for a header `Accept-Language`. */
export function mailLocaleOf(acceptLanguage: string | null | undefined): MailLocale {
  for (const part of (acceptLanguage ?? '').split(',')) {
    const wanted = part.trim().slice(0, 2).toLowerCase();
    if (Object.hasOwn(MailLocale, wanted)) return wanted as MailLocale;
  }
  return MailLocale.en;
}
