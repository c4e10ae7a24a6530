/** What a change makes of a text, and what is to be told of it. */
export type StateChange<T> = { readonly text: string; readonly value: T };

/**
 * The files in which several agents, wt processes and people keep the state of their work (WORKTRACKER.md,
 * ORCHESTRATION.yaml). They are written here only: under the repository's lock, whole, and never over what somebody
 * else wrote meanwhile.
 */
export type StateFiles = {
  /** The tracked files of a work tree that have a name, at any depth: relative to it, sorted. */
  readonly tracked: (worktree: string, name: string) => Promise<readonly string[]>;
  /** The text of a file; throws `file_not_found`, and `not_this_worktree` where its links lead out of `root`. */
  readonly read: (path: string, root: string) => Promise<string>;
  /**
   * Puts the changed text in place of the file's, in one step that survives a crash; an unchanged one is not written.
   * `change` is called anew where the file was changed by somebody else before that.
   */
  readonly update: <T>(
    path: string,
    root: string,
    change: (text: string) => StateChange<T>,
    options?: { readonly purpose?: string; readonly onWait?: (holder: string) => void },
  ) => Promise<T>;
};
