/** How a page brings messages of its own along and still knows all others; the page adds `messages`. */
export const PAGE_MESSAGES = { useScope: 'local', inheritLocale: true, fallbackRoot: true, missingWarn: false, fallbackWarn: false } as const;
