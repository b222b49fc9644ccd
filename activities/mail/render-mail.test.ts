import { expect, test } from 'vitest';
import { type MailContent, MailLocale, SecurityChange } from '../../workflows/contracts/mail.ts';
import type { NotificationContent } from '../../workflows/contracts/notification.ts';
import { MAIL_TEXTS } from './mail-text.ts';
import { renderMail } from './render-mail.ts';

const LINK = 'https://claws.example.com/reset#code=a&b=c';
const NOTICES: readonly NotificationContent[] = [
  ...[null, 'canary'].map((wave): NotificationContent => ({ kind: 'approval-needed', data: { wave, author: 'Eve' } })),
  ...['GATE_HELD', 'BUDGET_SPENT', 'APPROVAL_EXPIRED'].map((reason): NotificationContent => ({ kind: 'rollout-held', data: { reason, wave: 'canary' } })),
  { kind: 'rollout-failed', data: { reason: 'REJECTED' } },
  ...['Succeeded', 'RolledBack', 'Aborted'].map((phase): NotificationContent => ({ kind: 'rollout-finished', data: { phase } })),
];
const EVERY: readonly MailContent[] = [
  { template: 'verify-email', vars: { name: 'Ada', link: LINK } },
  { template: 'reset-password', vars: { name: 'Ada', link: LINK } },
  ...Object.values(SecurityChange).map((change): MailContent => ({ template: 'security-changed', vars: { name: 'Ada', change, at: '2026-11-21T10:00:00Z' } })),
  { template: 'invitation', vars: { inviter: 'Ada', tenant: 'Acme', role: 'operator', link: LINK, expiresAt: '2026-11-24T10:00:00Z' } },
  ...NOTICES.map((what): MailContent => ({ template: 'notification', vars: { name: 'Ada', subject: 'spring', what, link: LINK } })),
];
const locales = Object.values(MailLocale);

test.each(locales)('every kind of message says something of its own in %s, in text and in HTML', (locale) => {
  const texts = EVERY.map((mail) => renderMail(mail, locale).text);
  expect(new Set(texts).size).toBe(EVERY.length);
  expect(new Set(EVERY.map(({ template }) => template))).toEqual(new Set(Object.keys(MAIL_TEXTS[locale])));
  for (const mail of EVERY) {
    const { subject, text, html } = renderMail(mail, locale);
    expect(`${subject}${text}${html}`).not.toMatch(/undefined|Invalid|\[object/);
    expect(html).toContain(`lang="${locale}"`);
    if ('link' in mail.vars) expect([text.includes(LINK), html.includes('href="https://claws.example.com/reset#code=a&amp;b=c"')]).toEqual([true, true]);
  }
});

test('no two languages say the same', () => {
  for (const mail of EVERY) expect(new Set(locales.map((locale) => renderMail(mail, locale).subject)).size).toBe(locales.length);
});

test('what a person calls themselves stays text: no markup, no further header, no line of its own', () => {
  const name = '<img src=x onerror=1>\r\nBcc: eve@example.com';
  const { subject, text, html } = renderMail(
    { template: 'invitation', vars: { inviter: name, tenant: 'Acme', role: 'viewer', link: LINK, expiresAt: '2026-11-24T10:00:00Z' } },
    MailLocale.en,
  );
  expect(subject).not.toMatch(/[\r\n]/);
  expect(text.split('\n').some((line) => line.startsWith('Bcc:'))).toBe(false);
  expect(html).not.toContain('<img');
});
