export const notifications = {
  notifications: {
    title: '通知',
    description: '対応が必要なことや問題を、新しい順に表示します。',
    readAll: 'すべて既読にする',
    more: '以前の通知を表示',
    unread: '新着',
    empty: { title: '対応が必要なものはありません', description: '承認が必要なロールアウトや、停止・終了したロールアウトがここに表示されます。' },
    settings: '受け取る通知を選ぶ',
    kind: {
      'approval-needed': '{author} さんが {name} の承認を求めています',
      'rollout-held': '{name} が停止しています',
      'rollout-failed': '{name} が失敗しました',
      'rollout-finished': '{name} が終了しました',
    },
    detail: {
      beforeStart: '開始前',
      beforeWave: 'ウェーブ {wave} の前',
      inWave: 'ウェーブ {wave}: {why}',
    },
    because: '理由: {why}',
    reason: {
      GATE_HELD: 'ウェーブ後のチェックを通過しませんでした',
      BUDGET_SPENT: '失敗したインスタンスが許容数を超えました',
      APPROVAL_EXPIRED: '期限内に承認されませんでした',
      REJECTED: '承認されませんでした',
    },
    end: { Succeeded: '完了しました', RolledBack: 'ロールバックされました', Aborted: '途中で中止されました' },
  },
  notificationSettings: {
    title: '受け取る通知と方法',
    description: 'このテナントでのあなただけの設定です。',
    portal: 'ポータル',
    mail: 'メール',
    kind: {
      'approval-needed': { name: '承認が必要', description: 'あなたが承認できるロールアウトが承認を待っています。' },
      'rollout-held': { name: 'ロールアウトの停止', description: 'チェックまたは失敗の許容数によって停止しました。' },
      'rollout-failed': { name: 'ロールアウトの失敗', description: '目的を達成せずに終了しました。' },
      'rollout-finished': { name: 'ロールアウトの終了', description: '完了、ロールバック、または中止されました。' },
    },
    language: { title: 'メールの言語', description: 'ポータルはこのブラウザーで選んだ言語で表示されます。' },
  },
};
