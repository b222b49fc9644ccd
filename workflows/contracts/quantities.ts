const MEMORY_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** Millis of a CPU quantity such as `"500m"` or `"1.5"`; null when it is none. */
export function cpuMillis(quantity: string): number | null {
  const match = /^(\d+(?:\.\d{1,3})?)(m?)$/.exec(quantity);
  if (!match) return null;
  const millis = match[2] === 'm' ? Number(match[1]) : Number(match[1]) * 1000;
  return Number.isInteger(millis) ? millis : Math.ceil(millis);
}

/** Bytes of a memory or storage quantity such as `"512Mi"` or `"2Gi"`; null when it is none. */
export function quantityBytes(quantity: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(|[kMGT]|[KMGT]i)$/.exec(quantity);
  const unit = match && MEMORY_UNITS[match[2] ?? ''];
  if (!match || unit === undefined || unit === null) return null;
  const bytes = Math.ceil(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
