import { closeSync, openSync, writeSync } from 'node:fs';

/** What is kept of a command's output on disk, and of its end in memory. */
const mostOnDisk = 8 * 1024 * 1024;
const mostInMemory = 64 * 1024;

/** The end of an output, and whether something came before it. */
export type OutputTail = { readonly bytes: Buffer; readonly isCut: boolean };

/** Output that is written to a file as it comes: all of it up to a bound, and then its end. */
export type BoundedOutput = {
  readonly add: (bytes: Buffer) => void;
  /** Whether the file could be opened, and written so far. */
  readonly isWritten: () => boolean;
  /** Closes the file, and gives the end of what came. */
  readonly end: () => OutputTail;
};

export function openBoundedOutput(path: string): BoundedOutput {
  let file: number | undefined = openQuietly(path);
  let size = 0;
  let tail = Buffer.alloc(0);
  const write = (bytes: Buffer) => {
    try {
      if (file !== undefined) writeSync(file, bytes);
    } catch {
      if (file !== undefined) closeSync(file);
      file = undefined; // no space: what is in memory is told
    }
  };
  return {
    add: (bytes) => {
      if (size < mostOnDisk) write(bytes.subarray(0, mostOnDisk - size));
      size += bytes.length;
      tail = Buffer.concat([tail, bytes.subarray(-mostInMemory)]);
      if (tail.length > 2 * mostInMemory) tail = Buffer.from(tail.subarray(-mostInMemory));
    },
    isWritten: () => file !== undefined,
    end: () => {
      if (size > mostOnDisk) {
        write(Buffer.from(`\n[${size - mostOnDisk} bytes more; the end of them:]\n`));
        write(tail.subarray(-Math.min(mostInMemory, size - mostOnDisk)));
      }
      if (file !== undefined) closeSync(file);
      return { bytes: tail, isCut: size > tail.length };
    },
  };
}

function openQuietly(path: string): number | undefined {
  try {
    return openSync(path, 'w', 0o600);
  } catch {
    return undefined;
  }
}
