import { MailLocale, type MailTemplate, type MailVariables, type SecurityChange } from '../../workflows/contracts/mail.ts';
import { type NoticeText, noticeEn, noticeJa, noticeZh } from './notice-text.ts';

/** What a message says, before it is laid out. `link` leads on; without one there is nothing to press. */
export interface MailText {
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly label: string; readonly address: string };
  /** What to do when one did not expect this. */
  readonly closing: string;
}

/** Every kind of message in one language. */
type Language = { readonly [T in MailTemplate]: (vars: MailVariables[T]) => MailText };

const when = (locale: string, iso: string) =>
  `${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso))} UTC`;

const laidOut = ({ subject, sentence }: NoticeText, frame: Pick<MailText, 'greeting' | 'link' | 'closing'>): MailText => ({
  subject,
  paragraphs: [sentence],
  ...frame,
});

const CHANGES_EN: Readonly<Record<SecurityChange, string>> = {
  password: 'The password of your account was changed.',
  'second-factor-on': 'A second step is now asked for when you sign in.',
  'second-factor-off': 'The second step when you sign in was turned off.',
  'passkey-added': 'A passkey was added to your account.',
  'passkey-removed': 'A passkey was removed from your account.',
};

const en: Language = {
  'verify-email': ({ name, link }) => ({
    subject: 'Confirm your e-mail address',
    greeting: `Hello ${name},`,
    paragraphs: ['please confirm that this address is yours. The link works once, within an hour.'],
    link: { label: 'Confirm address', address: link },
    closing: 'If you have no account here, ignore this message.',
  }),
  'reset-password': ({ name, link }) => ({
    subject: 'Choose a new password',
    greeting: `Hello ${name},`,
    paragraphs: ['somebody asked for a new password for your account. The link works once, within an hour.'],
    link: { label: 'Choose a new password', address: link },
    closing: 'If it was not you, ignore this message: your password stays as it is.',
  }),
  'security-changed': ({ name, change, at }) => ({
    subject: 'The security of your account changed',
    greeting: `Hello ${name},`,
    paragraphs: [CHANGES_EN[change], `It happened on ${when('en-GB', at)}.`],
    closing: 'If it was not you, choose a new password at once and tell your administrator.',
  }),
  invitation: ({ inviter, tenant, role, link, expiresAt }) => ({
    subject: `${inviter} invites you to ${tenant}`,
    greeting: 'Hello,',
    paragraphs: [`${inviter} invites you to join ${tenant} on ClawLoops as ${role}.`, `The invitation is valid until ${when('en-GB', expiresAt)}.`],
    link: { label: 'Accept invitation', address: link },
    closing: 'If you do not know what this is about, ignore this message.',
  }),
  notification: ({ name, subject, what, link }) =>
    laidOut(noticeEn(subject, what), {
      greeting: `Hello ${name},`,
      link: { label: 'Open the rollout', address: link },
      closing: 'You can choose what you are told of, and how, in the settings of the portal.',
    }),
};

const CHANGES_ZH: Readonly<Record<SecurityChange, string>> = {
  password: '你的账户密码已更改。',
  'second-factor-on': '你的账户已开启两步验证。',
  'second-factor-off': '你的账户已关闭两步验证。',
  'passkey-added': '你的账户添加了一个通行密钥。',
  'passkey-removed': '你的账户移除了一个通行密钥。',
};

const zh: Language = {
  'verify-email': ({ name, link }) => ({
    subject: '请验证你的邮箱',
    greeting: `${name}，你好！`,
    paragraphs: ['请确认这是你的邮箱地址。链接一小时内有效，且只能使用一次。'],
    link: { label: '验证邮箱', address: link },
    closing: '如果你没有在此注册账户，请忽略本邮件。',
  }),
  'reset-password': ({ name, link }) => ({
    subject: '重置密码',
    greeting: `${name}，你好！`,
    paragraphs: ['我们收到了重置你账户密码的请求。链接一小时内有效，且只能使用一次。'],
    link: { label: '设置新密码', address: link },
    closing: '如果不是你本人操作，请忽略本邮件，你的密码不会改变。',
  }),
  'security-changed': ({ name, change, at }) => ({
    subject: '账户安全设置已变更',
    greeting: `${name}，你好！`,
    paragraphs: [CHANGES_ZH[change], `变更时间：${when('zh-CN', at)}。`],
    closing: '如果不是你本人操作，请立即修改密码并联系管理员。',
  }),
  invitation: ({ inviter, tenant, role, link, expiresAt }) => ({
    subject: `${inviter} 邀请你加入 ${tenant}`,
    greeting: '你好！',
    paragraphs: [`${inviter} 邀请你以“${role}”身份加入 ClawLoops 上的 ${tenant}。`, `邀请有效期至 ${when('zh-CN', expiresAt)}。`],
    link: { label: '接受邀请', address: link },
    closing: '如果你不了解此邀请，请忽略本邮件。',
  }),
  notification: ({ name, subject, what, link }) =>
    laidOut(noticeZh(subject, what), {
      greeting: `${name}，你好！`,
      link: { label: '查看发布', address: link },
      closing: '你可以在门户的设置中选择接收哪些通知以及接收方式。',
    }),
};

const CHANGES_JA: Readonly<Record<SecurityChange, string>> = {
  password: 'アカウントのパスワードが変更されました。',
  'second-factor-on': '二段階認証が有効になりました。',
  'second-factor-off': '二段階認証が無効になりました。',
  'passkey-added': 'アカウントにパスキーが追加されました。',
  'passkey-removed': 'アカウントからパスキーが削除されました。',
};

const ja: Language = {
  'verify-email': ({ name, link }) => ({
    subject: 'メールアドレスの確認',
    greeting: `${name} 様`,
    paragraphs: ['このメールアドレスがご本人のものであることを確認してください。リンクは 1 時間以内に 1 回のみ有効です。'],
    link: { label: 'アドレスを確認', address: link },
    closing: 'お心当たりがない場合は、このメールを破棄してください。',
  }),
  'reset-password': ({ name, link }) => ({
    subject: 'パスワードの再設定',
    greeting: `${name} 様`,
    paragraphs: ['パスワード再設定のご依頼を受け付けました。リンクは 1 時間以内に 1 回のみ有効です。'],
    link: { label: '新しいパスワードを設定', address: link },
    closing: 'お心当たりがない場合は、このメールを破棄してください。パスワードは変更されません。',
  }),
  'security-changed': ({ name, change, at }) => ({
    subject: 'アカウントのセキュリティ設定が変更されました',
    greeting: `${name} 様`,
    paragraphs: [CHANGES_JA[change], `日時: ${when('ja-JP', at)}`],
    closing: 'お心当たりがない場合は、すぐにパスワードを変更し、管理者にご連絡ください。',
  }),
  invitation: ({ inviter, tenant, role, link, expiresAt }) => ({
    subject: `${inviter} さんから ${tenant} への招待`,
    greeting: 'こんにちは。',
    paragraphs: [`${inviter} さんが ClawLoops の ${tenant} にあなたを「${role}」として招待しています。`, `招待の有効期限は ${when('ja-JP', expiresAt)} です。`],
    link: { label: '招待を承諾', address: link },
    closing: 'お心当たりがない場合は、このメールを破棄してください。',
  }),
  notification: ({ name, subject, what, link }) =>
    laidOut(noticeJa(subject, what), {
      greeting: `${name} 様`,
      link: { label: 'ロールアウトを開く', address: link },
      closing: '通知の内容と受け取り方法は、ポータルの設定で変更できます。',
    }),
};

/** Every kind of message in every language. */
export const MAIL_TEXTS: Readonly<Record<MailLocale, Language>> = { [MailLocale.en]: en, [MailLocale.zh]: zh, [MailLocale.ja]: ja };
