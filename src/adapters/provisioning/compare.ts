import { closeSync, lstatSync, openSync, readSync } from 'node:fs';

const chunk = 1 << 20;

/**
 * How a file that exists relates to the one it would be copied from: `cut-short` is the beginning of it, as a copy
 * that was killed leaves it. Symbolic links and the like are `different` from files.
 */
export function relationOf(source: Buffer, target: Buffer): 'same' | 'cut-short' | 'different' {
  const [from, to] = [source, target].map((path) => lstatSync(path, { throwIfNoEntry: false }));
  if (!from?.isFile() || !to?.isFile())
    return from?.isSymbolicLink() && to?.isSymbolicLink() ? 'same' : 'different';
  if (to.size > from.size) return 'different';
  const [a, b] = [openSync(source, 'r'), openSync(target, 'r')];
  const [one, other] = [Buffer.alloc(chunk), Buffer.alloc(chunk)];
  try {
    for (;;) {
      const length = readSync(b, other, 0, chunk, null);
      if (length === 0) return to.size < from.size ? 'cut-short' : 'same';
      let read = 0;
      while (read < length) {
        const more = readSync(a, one, read, length - read, null);
        if (more === 0) return 'different';
        read += more;
      }
      if (one.compare(other, 0, length, 0, length) !== 0) return 'different';
    }
  } finally {
    closeSync(a);
    closeSync(b);
  }
}
