import type { NotificationContent } from '../../workflows/contracts/notification.ts';

/** What a notification says in a message. */
export interface NoticeText {
  readonly subject: string;
  readonly sentence: string;
}

type Write = (name: string, what: NotificationContent) => NoticeText;

/** By code; a code without a sentence of its own stands as it is. */
type Words = Readonly<Record<string, string>>;

const REASONS_EN: Words = {
  GATE_HELD: 'a check after the wave did not pass',
  BUDGET_SPENT: 'more instances failed than may',
  APPROVAL_EXPIRED: 'nobody approved it in time',
  REJECTED: 'it was not approved',
};
const ENDS_EN: Words = { Succeeded: 'is complete', RolledBack: 'was rolled back', Aborted: 'was ended before it was complete' };

export const noticeEn: Write = (name, what) => {
  switch (what.kind) {
    case 'approval-needed': {
      const where = what.data.wave === null ? 'before it begins' : `before its wave “${what.data.wave}”`;
      return { subject: `${name} waits for your approval`, sentence: `The rollout ${name} of ${what.data.author} needs an approval ${where}.` };
    }
    case 'rollout-held': {
      const where = what.data.wave === null ? '' : ` in its wave “${what.data.wave}”`;
      const why = REASONS_EN[what.data.reason] ?? what.data.reason;
      return { subject: `${name} stands still`, sentence: `The rollout ${name} stopped${where}: ${why}. It goes on, or back, when somebody says so.` };
    }
    case 'rollout-failed':
      return { subject: `${name} failed`, sentence: `The rollout ${name} failed: ${REASONS_EN[what.data.reason] ?? what.data.reason}.` };
    case 'rollout-finished':
      return { subject: `${name} has ended`, sentence: `The rollout ${name} ${ENDS_EN[what.data.phase] ?? 'has ended'}.` };
  }
};

const REASONS_ZH: Words = {
  GATE_HELD: '批次之后的检查未通过',
  BUDGET_SPENT: '失败的实例数超过了允许值',
  APPROVAL_EXPIRED: '未在期限内获得批准',
  REJECTED: '未获批准',
};
const ENDS_ZH: Words = { Succeeded: '已完成', RolledBack: '已回滚', Aborted: '已中止' };

export const noticeZh: Write = (name, what) => {
  switch (what.kind) {
    case 'approval-needed': {
      const where = what.data.wave === null ? '开始之前' : `批次“${what.data.wave}”之前`;
      return { subject: `${name} 等待你的批准`, sentence: `${what.data.author} 发起的发布 ${name} 在${where}需要批准。` };
    }
    case 'rollout-held': {
      const where = what.data.wave === null ? '' : `在批次“${what.data.wave}”`;
      const why = REASONS_ZH[what.data.reason] ?? what.data.reason;
      return { subject: `${name} 已暂停`, sentence: `发布 ${name} ${where}停了下来：${why}。需要有人决定继续或回滚。` };
    }
    case 'rollout-failed':
      return { subject: `${name} 失败`, sentence: `发布 ${name} 失败：${REASONS_ZH[what.data.reason] ?? what.data.reason}。` };
    case 'rollout-finished':
      return { subject: `${name} 已结束`, sentence: `发布 ${name} ${ENDS_ZH[what.data.phase] ?? '已结束'}。` };
  }
};

const REASONS_JA: Words = {
  GATE_HELD: 'ウェーブ後のチェックを通過しませんでした',
  BUDGET_SPENT: '失敗したインスタンスが許容数を超えました',
  APPROVAL_EXPIRED: '期限内に承認されませんでした',
  REJECTED: '承認されませんでした',
};
const ENDS_JA: Words = { Succeeded: '完了しました', RolledBack: 'ロールバックされました', Aborted: '途中で中止されました' };

export const noticeJa: Write = (name, what) => {
  switch (what.kind) {
    case 'approval-needed': {
      const where = what.data.wave === null ? '開始前に' : `ウェーブ「${what.data.wave}」の前に`;
      return { subject: `${name} の承認をお待ちしています`, sentence: `${what.data.author} さんのロールアウト ${name} は、${where}承認が必要です。` };
    }
    case 'rollout-held': {
      const where = what.data.wave === null ? '' : `ウェーブ「${what.data.wave}」で`;
      const why = REASONS_JA[what.data.reason] ?? what.data.reason;
      return { subject: `${name} が停止しています`, sentence: `ロールアウト ${name} は${where}停止しました: ${why}。続行またはロールバックを選んでください。` };
    }
    case 'rollout-failed':
      return { subject: `${name} が失敗しました`, sentence: `ロールアウト ${name} は失敗しました: ${REASONS_JA[what.data.reason] ?? what.data.reason}。` };
    case 'rollout-finished':
      return { subject: `${name} が終了しました`, sentence: `ロールアウト ${name} は${ENDS_JA[what.data.phase] ?? '終了しました'}。` };
  }
};
