/** Numbers of lines (from 1) for offsets of a text; `\n` ends a line. */
export type TextLines = {
  readonly lineAt: (offset: number) => number;
  readonly columnAt: (offset: number) => number;
  /** Where the line of an offset begins, and where it ends: before its line break, `\r` included. */
  readonly startOf: (offset: number) => number;
  readonly endOf: (offset: number) => number;
};

export function linesOf(text: string): TextLines {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  const startOf = (offset: number) => starts[lineAt(offset) - 1] ?? 0;
  return {
    lineAt,
    columnAt: (offset) => offset - startOf(offset) + 1,
    startOf,
    endOf: (offset) => {
      const end = text.indexOf('\n', offset);
      if (end === -1) return text.length;
      return text[end - 1] === '\r' ? end - 1 : end;
    },
  };
}
