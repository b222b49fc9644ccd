const MEMORY_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** Millis of a CPU quantity such as `"500m"` or `"1.5"`; null when it is none. */
export function cpuMillis(quantity: string): number | null {
  const match = /^(\d+(?:\.\d{1,3})?)(m?)$/.exec(quantity);
  if (!match) return null;
  // At most three decimals were given, so thousandths of a CPU are whole: what is not comes from binary fractions.
  return match[2] === 'm' ? Math.ceil(Number(match[1])) : Math.round(Number(match[1]) * 1000);
}

/** Bytes of a memory or storage quantity such as `"512Mi"` or `"2Gi"`; null when it is none. */
export function quantityBytes(quantity: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(|[kMGT]|[KMGT]i)$/.exec(quantity);
  const unit = match && MEMORY_UNITS[match[2] ?? ''];
  if (!match || unit === undefined || unit === null) return null;
  const bytes = Math.ceil(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A CPU quantity of millis: `"8"` or `"500m"`. */
export function cpuQuantity(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** A memory or storage quantity of bytes in the largest unit that leaves no rest: `"2Gi"`, `"512Mi"`, `"1G"`, `"1000001"`. */
export function bytesQuantity(bytes: number): string {
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki', 'T', 'G', 'M', 'k']) {
    const size = MEMORY_UNITS[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
