const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people, binary units, at most one decimal. */
export function formatBytes(bytes: number, locale = 'en'): string {
  const step = bytes < 1 ? 0 : Math.min(STEPS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * step);
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${STEPS[step] ?? 'B'}`;
}

/** Micro-dollars as money; below one cent with four decimals so that small costs do not read as nothing. */
export function formatCost(microUsd: number, locale = 'en'): string {
  const usd = microUsd / 1e6;
  const digits = usd !== 0 && Math.abs(usd) < 0.01 ? 4 : 2;
  return usd.toLocaleString(locale, { style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits });
}
