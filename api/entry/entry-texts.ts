import type { Language } from './language.ts';

/** What the entry says in place of a claw's page. */
export const EntryPage = {
  signIn: 'signIn',
  usedCode: 'usedCode',
  forbidden: 'forbidden',
  coming: 'coming',
  stopped: 'stopped',
  failed: 'failed',
  gone: 'gone',
  noPage: 'noPage',
  older: 'older',
  unreachable: 'unreachable',
} as const;
export type EntryPage = (typeof EntryPage)[keyof typeof EntryPage];

interface Text {
  readonly title: string;
  readonly what: string;
  /** What leads on, to the portal. */
  readonly action: string;
}

const OPEN_EN = 'Open the claw in the portal';
const OPEN_ZH = '在门户中查看这个 claw';
const OPEN_JA = 'ポータルでこの claw を見る';

/** Every page in every language. `what` says why, and what to do. */
export const ENTRY_TEXTS: Readonly<Record<Language, Readonly<Record<EntryPage, Text>>>> = {
  en: {
    signIn: {
      title: 'Open this claw from the portal',
      what: 'You are not signed in here, or were too long ago. The portal knows who you are and brings you back.',
      action: 'Sign in and open',
    },
    usedCode: { title: 'This way in is used up', what: 'It works once and for a minute only. Open the claw again.', action: 'Open again' },
    forbidden: {
      title: 'This claw is not yours to open',
      what: 'Your role does not let you use it. Ask an owner of the tenant for the right role, or its owner for it.',
      action: 'Back to the portal',
    },
    coming: { title: 'The claw is getting ready', what: 'It is not there yet. This page looks again by itself.', action: 'See how far it is' },
    stopped: { title: 'The claw is stopped', what: 'Start it in the portal; then this page comes back by itself.', action: 'Start it in the portal' },
    failed: { title: 'The claw has failed', what: 'The portal says why and what can be done about it.', action: 'See why' },
    gone: { title: 'The claw is gone', what: 'It was destroyed, or is being destroyed now.', action: 'Back to the portal' },
    noPage: {
      title: 'This claw has no page of its own',
      what: 'Claws of its type do not bring one. You can talk to it in the portal if it can chat.',
      action: OPEN_EN,
    },
    older: {
      title: 'The claw has to be restarted once',
      what: 'It was started before claws could show their pages. After a restart it shows its own.',
      action: 'Restart it in the portal',
    },
    unreachable: {
      title: 'The claw does not answer',
      what: 'Its host or its process cannot be reached now. This page looks again by itself.',
      action: 'See why',
    },
  },
  zh: {
    signIn: { title: '请从门户打开这个 claw', what: '您尚未在此登录，或登录已过期。门户会确认您的身份，然后带您回到这里。', action: '登录并打开' },
    usedCode: { title: '这个入口已失效', what: '它只能使用一次，且一分钟内有效。请重新打开。', action: '重新打开' },
    forbidden: { title: '您不能打开这个 claw', what: '您的角色无权使用它。请向租户的所有者申请合适的角色，或联系它的主人。', action: '返回门户' },
    coming: { title: 'claw 正在准备', what: '它还没有就绪。本页面会自动重试。', action: '查看进度' },
    stopped: { title: 'claw 已停止', what: '请在门户中启动它，之后本页面会自动恢复。', action: '在门户中启动' },
    failed: { title: 'claw 出错了', what: '门户会说明原因以及可以怎么做。', action: '查看原因' },
    gone: { title: 'claw 已不存在', what: '它已被销毁，或正在销毁。', action: '返回门户' },
    noPage: { title: '这个 claw 没有自己的页面', what: '这一类型不提供页面。如果它能聊天，可以在门户中与它对话。', action: OPEN_ZH },
    older: { title: '需要重启一次 claw', what: '它启动时平台还不能显示 claw 的页面。重启后即可看到。', action: '在门户中重启' },
    unreachable: { title: 'claw 没有响应', what: '目前无法连接它的主机或进程。本页面会自动重试。', action: '查看原因' },
  },
  ja: {
    signIn: {
      title: 'この claw はポータルから開いてください',
      what: 'ここではサインインしていないか、期限が切れています。ポータルが本人を確認し、ここへ戻します。',
      action: 'サインインして開く',
    },
    usedCode: { title: 'この入口はもう使えません', what: '1 回だけ、1 分以内に限り有効です。もう一度開いてください。', action: 'もう一度開く' },
    forbidden: {
      title: 'この claw を開く権限がありません',
      what: '現在のロールでは利用できません。テナントのオーナーか、この claw の持ち主に依頼してください。',
      action: 'ポータルに戻る',
    },
    coming: { title: 'claw を準備しています', what: 'まだ準備中です。このページは自動で確認し直します。', action: '進み具合を見る' },
    stopped: { title: 'claw は停止しています', what: 'ポータルで起動すると、このページは自動で戻ります。', action: 'ポータルで起動する' },
    failed: { title: 'claw に問題が発生しました', what: '理由と対処方法はポータルに表示されます。', action: '理由を見る' },
    gone: { title: 'claw はもうありません', what: '破棄されたか、破棄の途中です。', action: 'ポータルに戻る' },
    noPage: {
      title: 'この claw には専用ページがありません',
      what: 'この種類の claw はページを持ちません。チャットができる場合はポータルで会話できます。',
      action: OPEN_JA,
    },
    older: {
      title: 'claw を一度再起動してください',
      what: 'ページの表示に対応する前に起動されたものです。再起動すると表示されます。',
      action: 'ポータルで再起動する',
    },
    unreachable: { title: 'claw が応答しません', what: 'ホストまたはプロセスに接続できません。このページは自動で確認し直します。', action: '理由を見る' },
  },
};
