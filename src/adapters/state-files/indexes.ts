import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a file of one of these names may be in the index of one of these git directories. An index has the paths as
 * they are (gitformat-index(5)), except in version 4, which leaves out what a path shares with the one before it, and
 * where it is split or sparse: then it may be.
 */
export const mayHold = (gitDirs: readonly string[], names: readonly string[]): boolean =>
  gitDirs.some((gitDir) => {
    try {
      const index = readFileSync(join(gitDir, 'index'));
      const isPlain = index.toString('latin1', 0, 4) === 'DIRC' && [2, 3].includes(index.readUInt32BE(4));
      const isSparse = index.includes('sdir\0\0\0\0');
      const isSplit = readdirSync(gitDir).some((name) => name.startsWith('sharedindex.'));
      return !isPlain || isSparse || isSplit || names.some((name) => index.includes(name));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  });
