/** What a record holds of a text; claude's stream has all of it. Every command reads the records. */
export const longestResult = 1024 * 1024;

/** A text of at most so many characters. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.charCodeAt(most - 2) >> 10 === 0x36 ? most - 2 : most - 1; // no half of a surrogate pair
  return `${text.slice(0, end)}…`;
}

const mostDenials = 200;
const longestDenial = 64 * 1024;

/** Denied tool calls, with the content of a very large one left out. */
export function boundedDenials(denials: readonly unknown[]): unknown[] {
  return denials.slice(0, mostDenials).map((denial) => {
    if (JSON.stringify(denial).length <= longestDenial) return denial;
    return shortenedStrings(denial);
  });
}

function shortenedStrings(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value, 2_000);
  if (Array.isArray(value)) return value.slice(0, 20).map(shortenedStrings);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 40)
      .map(([name, part]) => [name, shortenedStrings(part)]),
  );
}
