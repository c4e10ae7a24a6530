import type { Comparison } from '../../domain/comparison.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { readablePath } from './ask.ts';

// -t: the folders too, so that it shows which of them are new or gone.
export const comparisonArgs = [
  'diff-tree',
  '--stdin',
  '-r',
  '-t',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--raw',
  '--no-abbrev',
  '-z',
] as const;

/** Reads a reply as it comes, and says at its end what was wrong with it. */
export type TreeChangesReader = {
  readonly read: (piece: Buffer) => void;
  /** Throws when the reply was not what is expected, or not whole. */
  readonly end: () => void;
};

/**
 * The parser of `diff-tree --stdin -r -t --raw -z`: a commit's id opens its changes, if it has any. That something
 * in a folder changed is told by that itself, and of a folder only that it came or went. Paths are one character per
 * byte, which takes less time, unless they have to be text.
 */
export function openTreeChanges(note: Comparison['note'], isText: boolean): TreeChangesReader {
  let rest = '';
  let commit: Sha | undefined;
  let wrong: string | undefined;
  const change = (meta: string, path: string) => {
    if (commit === undefined) {
      wrong ??= `no commit of diff-tree before ${meta}`;
      return;
    }
    // `:<mode> <mode> <id> <id> <letter>`
    const length = (meta.length - 18) / 2;
    const entry = (mode: number, id: number) => ({
      mode: meta.slice(mode, mode + 6),
      id: meta.slice(id, id + length),
    });
    note(commit, isText ? readablePath(path) : path, entry(1, 15), entry(8, 16 + length));
  };
  return {
    read: (piece) => {
      const text = rest + piece.toString('latin1');
      let at = 0;
      for (;;) {
        const end = text.indexOf('\0', at);
        if (end === -1) break;
        if (text[at] === ':') {
          const pathEnd = text.indexOf('\0', end + 1);
          if (pathEnd === -1) break;
          if (!text.startsWith(bothFolders, at)) change(text.slice(at, end), text.slice(end + 1, pathEnd));
          at = pathEnd + 1;
        } else {
          const id = text.slice(at, end);
          if (isSha(id)) commit = id;
          else wrong ??= `no commit of diff-tree: ${JSON.stringify(id)}`;
          at = end + 1;
        }
      }
      rest = text.slice(at);
    },
    end: () => {
      if (rest !== '') wrong ??= `no whole change of diff-tree: ${JSON.stringify(rest)}`;
      if (wrong !== undefined) throw new Error(wrong);
    },
  };
}

const bothFolders = ':040000 040000 ';
