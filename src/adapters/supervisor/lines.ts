import { closeSync, openSync, readSync } from 'node:fs';

/** The lines of a file that grows, read as they come; of one that is too long only the beginning is told. */
export type GrowingLines = {
  /** The lines completed since the last call; reads no further chunk once it has read `budget` bytes. */
  readonly next: (budget?: number) => Generator<string>;
  /** What follows the last newline, once nobody writes any more. */
  readonly last: () => string | undefined;
  /** The offset up to which was read: a sign of life. */
  readonly position: () => number;
  /** The offset at which the line that was given last begins. */
  readonly began: () => number;
  readonly close: () => void;
};

export type LineOptions = {
  /** The offset to begin at. */
  readonly from?: number;
  /** How long a line may be, by its beginning; asked for those longer than a chunk. */
  readonly most?: (head: string) => number;
  /** Told the beginning of a line that is too long, when the line has ended. */
  readonly onLong?: (head: string) => void;
};

const chunkBytes = 64 * 1024;

export function openLines(path: string, options: LineOptions = {}): GrowingLines {
  const { from = 0, most = () => Number.POSITIVE_INFINITY, onLong } = options;
  const chunk = Buffer.alloc(chunkBytes);
  let file: number | undefined;
  let position = from;
  let pending: Buffer[] = [];
  let size = 0;
  let limit: number | undefined;
  let head: string | undefined; // of a line that is being skipped
  let began = from;
  let next = from;

  const read = (): Buffer | undefined => {
    try {
      file ??= openSync(path, 'r');
    } catch {
      return undefined; // not there yet
    }
    const count = readSync(file, chunk, 0, chunk.length, position);
    position += count;
    return count === 0 ? undefined : chunk.subarray(0, count);
  };
  const beginning = () => Buffer.concat(pending).toString('utf8', 0, chunkBytes);
  const keep = (piece: Buffer) => {
    if (head !== undefined) return;
    pending.push(piece);
    size += piece.length;
    if (size <= chunkBytes) return;
    limit ??= most(beginning());
    if (size <= limit) return;
    head = beginning();
    pending = [];
    size = 0;
  };
  const take = (): string | undefined => {
    const long = head;
    began = next;
    const line = long === undefined ? Buffer.concat(pending, size).toString('utf8') : undefined;
    pending = [];
    size = 0;
    limit = undefined;
    head = undefined;
    if (long !== undefined) onLong?.(long);
    return line;
  };

  return {
    *next(budget = Number.POSITIVE_INFINITY) {
      const until = position + budget;
      for (let bytes = read(); bytes !== undefined; bytes = position < until ? read() : undefined) {
        const offset = position - bytes.length;
        let start = 0;
        for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, start)) {
          keep(bytes.subarray(start, at));
          start = at + 1;
          const line = take();
          next = offset + start;
          if (line !== undefined) yield line;
        }
        if (start < bytes.length) keep(Buffer.from(bytes.subarray(start))); // the chunk is used again
      }
    },
    last: () => (size === 0 && head === undefined ? undefined : take()),
    position: () => position,
    began: () => began,
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
