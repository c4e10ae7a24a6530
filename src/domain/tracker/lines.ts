/** A line of a text: where it starts, where it ends without its line ending, and that ending (`''` at the end). */
export type TextLine = { readonly start: number; readonly end: number; readonly ending: string };

/** The lines of a text. All of them together, each with its ending, are the text; a BOM belongs to no line. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (const { index, 0: ending } of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ start, end: index, ending });
    start = index + ending.length;
  }
  if (start < text.length) lines.push({ start, end: text.length, ending: '' });
  return lines;
}

/** The ending that most lines of a text have; `\n` for a text of one line. */
export function usualEnding(lines: readonly TextLine[]): string {
  const count = new Map<string, number>();
  for (const { ending } of lines) if (ending !== '') count.set(ending, (count.get(ending) ?? 0) + 1);
  let most = '\n';
  for (const [ending, times] of count) if (times > (count.get(most) ?? 0)) most = ending;
  return most;
}
