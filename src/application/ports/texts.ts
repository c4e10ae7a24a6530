import type { Three } from '../../domain/rows/lines.ts';

/** What `git merge-file` made of three files: bytes with markers where they are in conflict; `failed` for binary ones. */
export type LineMerge =
  | { readonly kind: 'clean' | 'conflicts'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly why: string };

/** Text files by their path, in no repository. */
export type Texts = {
  /** The text of a file; `undefined` where it is not UTF-8. Throws `file_not_found`. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Replaces a file in one step; what fails leaves it as it is. */
  readonly replace: (path: string, content: string | Uint8Array) => Promise<void>;
  /** Merges files by lines, as git does. */
  readonly mergeLines: (
    paths: Three<string>,
    options: { readonly cwd: string; readonly markerSize: number | undefined },
  ) => Promise<LineMerge>;
};
