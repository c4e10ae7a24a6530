/** What a work tree holds that its HEAD does not; untracked counts files git does not ignore. */
export type Changes = {
  readonly staged: number;
  readonly unstaged: number;
  readonly untracked: number;
  readonly conflicted: number;
  /** The changed paths, relative to the top, sorted; at most a few hundred of them. */
  readonly paths: readonly string[];
};

export const isDirty = (changes: Changes): boolean =>
  changes.staged + changes.unstaged + changes.untracked + changes.conflicted > 0;

export const noChanges: Changes = { staged: 0, unstaged: 0, untracked: 0, conflicted: 0, paths: [] };
