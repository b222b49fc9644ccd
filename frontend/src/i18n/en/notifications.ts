export const notifications = {
  notifications: {
    title: 'Notifications',
    description: 'What waits for you or went wrong, the newest first.',
    readAll: 'Mark all as read',
    more: 'Show older ones',
    unread: 'New',
    empty: { title: 'Nothing waits for you', description: 'Approvals that are needed from you, and rollouts that stop or end, appear here.' },
    settings: 'Choose what reaches you',
    kind: {
      'approval-needed': '{author} asks for your approval of {name}',
      'rollout-held': '{name} stands still',
      'rollout-failed': '{name} failed',
      'rollout-finished': '{name} has ended',
    },
    detail: {
      beforeStart: 'Before it begins',
      beforeWave: 'Before its wave {wave}',
      inWave: 'In its wave {wave}: {why}',
    },
    because: 'Because {why}',
    reason: {
      GATE_HELD: 'a check after the wave did not pass',
      BUDGET_SPENT: 'more instances failed than may',
      APPROVAL_EXPIRED: 'nobody approved it in time',
      REJECTED: 'it was not approved',
    },
    end: { Succeeded: 'It is complete', RolledBack: 'It was rolled back', Aborted: 'It was ended before it was complete' },
  },
  notificationSettings: {
    title: 'What reaches you, and how',
    description: 'For you alone, in this tenant.',
    portal: 'Portal',
    mail: 'Mail',
    kind: {
      'approval-needed': { name: 'Approval needed', description: 'A rollout waits for somebody who may approve it, and you may.' },
      'rollout-held': { name: 'Rollout stands still', description: 'A check or the failure budget stopped it.' },
      'rollout-failed': { name: 'Rollout failed', description: 'It ended without reaching its goal.' },
      'rollout-finished': { name: 'Rollout ended', description: 'It is complete, was rolled back, or was ended.' },
    },
    language: { title: 'Language of mail', description: 'The portal itself speaks the language of this browser.' },
  },
};
