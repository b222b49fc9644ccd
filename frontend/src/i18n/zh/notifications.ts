export const notifications = {
  notifications: {
    title: '通知',
    description: '等待你处理或出了问题的事项，最新的在前。',
    readAll: '全部标为已读',
    more: '显示更早的通知',
    unread: '新',
    empty: { title: '没有等待你处理的事项', description: '需要你批准的发布，以及停止或结束的发布，会显示在这里。' },
    settings: '选择接收哪些通知',
    kind: {
      'approval-needed': '{author} 请求你批准 {name}',
      'rollout-held': '{name} 已暂停',
      'rollout-failed': '{name} 失败',
      'rollout-finished': '{name} 已结束',
    },
    detail: {
      beforeStart: '开始之前',
      beforeWave: '批次 {wave} 之前',
      inWave: '批次 {wave}：{why}',
    },
    because: '原因：{why}',
    reason: {
      GATE_HELD: '批次之后的检查未通过',
      BUDGET_SPENT: '失败的实例数超过了允许值',
      APPROVAL_EXPIRED: '未在期限内获得批准',
      REJECTED: '未获批准',
    },
    end: { Succeeded: '已完成', RolledBack: '已回滚', Aborted: '已中止' },
  },
  notificationSettings: {
    title: '接收哪些通知以及如何接收',
    description: '仅对你本人在此租户中生效。',
    portal: '门户',
    mail: '邮件',
    kind: {
      'approval-needed': { name: '需要批准', description: '有发布正在等待批准，而你有权批准。' },
      'rollout-held': { name: '发布暂停', description: '检查未通过或失败预算用尽。' },
      'rollout-failed': { name: '发布失败', description: '发布未达到目标就结束了。' },
      'rollout-finished': { name: '发布结束', description: '发布已完成、已回滚或已中止。' },
    },
    language: { title: '邮件语言', description: '门户本身使用此浏览器中选择的语言。' },
  },
};
