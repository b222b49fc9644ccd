/** Parts of an instance's page; `label` is a message key. */
export const INSTANCE_TABS = [
  { name: 'instance', label: 'instance.tab.overview', icon: 'i-lucide-layout-dashboard' },
  { name: 'instance-chat', label: 'instance.tab.chat', icon: 'i-lucide-message-square' },
  { name: 'instance-logs', label: 'instance.tab.logs', icon: 'i-lucide-scroll-text' },
  { name: 'instance-metrics', label: 'metrics.tab', icon: 'i-lucide-chart-line' },
  { name: 'instance-operations', label: 'instance.tab.operations', icon: 'i-lucide-history' },
  { name: 'instance-events', label: 'instance.tab.events', icon: 'i-lucide-rss' },
] as const;
