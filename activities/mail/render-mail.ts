import type { MailContent, MailLocale } from '../../workflows/contracts/mail.ts';
import { MAIL_TEXTS, type MailText } from './mail-text.ts';

/** A message as a mail server takes it. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Writes a message in a language, as plain text and as HTML that says the same. Loads nothing from anywhere. */
export function renderMail({ template, vars }: MailContent, locale: MailLocale): RenderedMail {
  const write = MAIL_TEXTS[locale][template] as (given: typeof vars) => MailText;
  const mail = write(vars);
  // A name must not become a further header or a line of its own.
  return { subject: oneLine(mail.subject), text: plain(mail), html: page(mail, locale) };
}

const oneLine = (text: string) => text.replace(/[\r\n\t]+/g, ' ');

function plain({ greeting, paragraphs, link, closing }: MailText): string {
  const action = link ? [`${link.label}:\n${link.address}`] : [];
  return `${[oneLine(greeting), ...paragraphs.map(oneLine), ...action, closing].join('\n\n')}\n\n-- \nClawLoops\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Hiragino Sans','Noto Sans CJK SC',sans-serif";
const BUTTON = 'display:inline-block;padding:10px 18px;border-radius:8px;background:#18181b;color:#ffffff;text-decoration:none;font-weight:600';

function page({ subject, greeting, paragraphs, link, closing }: MailText, locale: MailLocale): string {
  const line = (text: string, style = 'margin:0 0 16px') => `<p style="${style}">${escaped(text)}</p>`;
  const action = link
    ? `<p style="margin:24px 0"><a href="${escaped(link.address)}" style="${BUTTON}">${escaped(link.label)}</a></p>` +
      `<p style="margin:0 0 16px;font-size:13px;color:#71717a;word-break:break-all">${escaped(link.address)}</p>`
    : '';
  return [
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>`,
    `<body style="margin:0;background:#f4f4f5;${FONT};font-size:15px;line-height:1.55;color:#18181b">`,
    '<div style="max-width:520px;margin:32px auto;padding:32px;background:#ffffff;border-radius:12px">',
    `${line(greeting)}${paragraphs.map((one) => line(one)).join('')}${action}`,
    line(closing, 'margin:24px 0 0;padding-top:16px;border-top:1px solid #e4e4e7;font-size:13px;color:#71717a'),
    '</div></body></html>',
  ].join('\n');
}
