const units = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

const isUnit = (text: string): text is keyof typeof units => Object.hasOwn(units, text);

/** Milliseconds of a duration such as `7d`, `12h` or `1h30m` (w, d, h, m, s), or `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^\s*(?:\d{1,9}[wdhms]\s*)+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([wdhms])/g))
    total += isUnit(unit) ? Number(count) * units[unit] : 0;
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest duration text that means so many milliseconds, in whole seconds: `7d`, `1h30m`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms / 1000) * 1000;
  if (rest === 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / units[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * units[unit];
  }
  return text;
}
