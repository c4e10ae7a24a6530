const powers = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 } as const;

const isUnit = (text: string): text is keyof typeof powers => Object.hasOwn(powers, text);

/** Bytes of a size such as `10GB`, `1.5 GB` or `500MB` (thousands, not 1024), or `undefined` when it is none. */
export function parseBytes(text: string): number | undefined {
  const [, count, unit = ''] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]?B)\s*$/i.exec(text) ?? [];
  const name = unit.toUpperCase();
  if (count === undefined || !isUnit(name)) return undefined;
  const bytes = Math.round(Number(count) * 1000 ** powers[name]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size for people, with at most three digits that count: `1.2 GB`, `340 MB`, `12 B`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KB', 'MB', 'GB'] as const) {
    if (value < 999.5) return `${rounded(value)} ${unit}`;
    value /= 1000;
  }
  return `${rounded(value)} TB`;
}

const rounded = (value: number): string =>
  value < 10 && !Number.isInteger(value) ? String(Number(value.toFixed(1))) : String(Math.round(value));

/** The size as `parseBytes` reads it back exactly: `20GB`. */
export function writtenBytes(bytes: number): string {
  const unit = (['TB', 'GB', 'MB', 'KB'] as const).find((name) => bytes % 1000 ** powers[name] === 0) ?? 'B';
  return `${bytes / 1000 ** powers[unit]}${unit}`;
}
