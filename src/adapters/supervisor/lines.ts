import { closeSync, openSync, readSync } from 'node:fs';

/** The lines of a file that grows, read as they come; a line longer than the limit is left out, whatever its length. */
export type GrowingLines = {
  /** The lines completed since the last call. */
  readonly next: () => Generator<string>;
  /** What follows the last newline, once nobody writes any more. */
  readonly last: () => string | undefined;
  /** Bytes read so far: a sign of life. */
  readonly position: () => number;
  readonly close: () => void;
};

/** Enough for anything that wt reads in a stream; what is longer is a tool's output, and the log keeps it. */
export const longestLine = 4 * 1024 * 1024;

export function openLines(path: string, most = longestLine): GrowingLines {
  const chunk = Buffer.alloc(64 * 1024);
  let file: number | undefined;
  let position = 0;
  let pending: Buffer[] = [];
  let size = 0;
  let skipping = false;

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
  const keep = (piece: Buffer) => {
    if (skipping || size + piece.length > most) {
      skipping = true;
      pending = [];
      size = 0;
      return;
    }
    pending.push(piece);
    size += piece.length;
  };
  const take = (): string | undefined => {
    const line = skipping ? undefined : Buffer.concat(pending, size).toString('utf8');
    pending = [];
    size = 0;
    skipping = false;
    return line;
  };

  return {
    *next() {
      for (let bytes = read(); bytes !== undefined; bytes = read()) {
        let from = 0;
        for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
          keep(bytes.subarray(from, at));
          from = at + 1;
          const line = take();
          if (line !== undefined) yield line;
        }
        if (from < bytes.length) keep(Buffer.from(bytes.subarray(from))); // the chunk is used again
      }
    },
    last: () => (size === 0 ? undefined : take()),
    position: () => position,
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
