/** One cell of a table row: the range between its pipes, and the range and text of what is in it without padding. */
export type Cell = {
  readonly start: number;
  readonly end: number;
  readonly textStart: number;
  readonly textEnd: number;
  /** As it stands in the source, escapes and all. */
  readonly text: string;
};

/** The cells of one line, whose text is `source` between `start` and `end`. */
export function cellsOf(source: string, start: number, end: number): Cell[] {
  return cellsBetween(source, start, end, pipesOf(source, start, end, 'everywhere'));
}

/**
 * The cells where pipes within code spans are text. GFM ends a cell at them all the same, but people write
 * `a | b` into tables, and then this is what they mean.
 */
export function cellsAroundCode(source: string, start: number, end: number): Cell[] {
  return cellsBetween(source, start, end, pipesOf(source, start, end, 'outside code'));
}

function cellsBetween(source: string, start: number, end: number, pipes: readonly number[]): Cell[] {
  const from = skip(source, start, end);
  const to = skipBack(source, from, end);
  const edges = [
    ...(pipes[0] === from ? [] : [from - 1]),
    ...pipes,
    ...(pipes.at(-1) === to - 1 && (pipes.length > 1 || pipes[0] !== from) ? [] : [to]),
  ];
  return edges.slice(1).map((edge, index) => cellAt(source, (edges[index] ?? 0) + 1, edge));
}

function cellAt(source: string, start: number, end: number): Cell {
  const textStart = skip(source, start, end);
  const textEnd = skipBack(source, textStart, end);
  return { start, end, textStart, textEnd, text: source.slice(textStart, textEnd) };
}

const isBlank = (character: string | undefined) => character === ' ' || character === '\t';

function skip(source: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(source[at])) at += 1;
  return at;
}

function skipBack(source: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(source[at - 1])) at -= 1;
  return at;
}

/** Where the pipes are that end a cell. */
function pipesOf(source: string, start: number, end: number, where: 'everywhere' | 'outside code'): number[] {
  const pipes: number[] = [];
  for (let at = start; at < end; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (character === '|') pipes.push(at);
    else if (character === '`') {
      const length = runOf(source, at, end);
      const close = where === 'outside code' ? closing(source, at + length, end, length) : undefined;
      at = close === undefined ? at + length - 1 : close - 1;
    }
  }
  return pipes;
}

function runOf(source: string, at: number, end: number): number {
  let length = 0;
  while (at + length < end && source[at + length] === '`') length += 1;
  return length;
}

/** Where a code span that was opened by `length` backticks is over; `undefined` when it never is. */
function closing(source: string, from: number, end: number, length: number): number | undefined {
  for (let at = from; at < end; at += 1) {
    if (source[at] !== '`') continue;
    const found = runOf(source, at, end);
    if (found === length) return at + found;
    at += found - 1;
  }
  return undefined;
}
