// The arguments of the questions that `ahead.ts` puts before anything else of wt is loaded; their parsers are with
// those who ask them.

/** The repeated booleans part the paths, which may hold newlines. Outside a work tree git fails at the last. */
export const discoverArgs = [
  'rev-parse',
  '--path-format=absolute',
  '--is-bare-repository',
  '--is-inside-work-tree',
  '--git-common-dir',
  '--is-bare-repository',
  '--git-path',
  'hooks',
  '--is-bare-repository',
  '--show-toplevel',
] as const;

export const listArgs = ['worktree', 'list', '--porcelain', '-z'] as const;

const refFields = [
  '%(refname)',
  '%(objectname)',
  '%(tree)',
  '%(committerdate:unix)',
  '%(upstream)',
  '%(symref)',
  '%(contents:subject)',
];

export const refsArgs = (prefixes: readonly string[]): readonly string[] => [
  'for-each-ref',
  `--format=${refFields.join('%00')}`,
  ...prefixes,
];

/** What a base is found by: local branches, and the remote's default branch. */
export const basePrefixes = ['refs/heads', 'refs/remotes/origin/HEAD'] as const;

/** How much of the history of all branches is asked for at once; nearly always the branches meet in it. */
export const mostHistory = 3000;

export const historyArgs = ['rev-list', '--parents', `--max-count=${mostHistory}`, '--branches'] as const;

/** What of git's settings decides how it merges; `isGitAlone` and the attributes depend on them too. */
export const settingsArgs = [
  'config',
  '-z',
  '--get-regexp',
  '^(merge|diff|core|filter|submodule|extensions|attr)[.]',
] as const;

/** Several of these run at once, so git's own preloading threads are off: they only contend. */
export const statusArgs = [
  '-c',
  'core.preloadIndex=false',
  'status',
  '--porcelain=v2',
  '-z',
  '--untracked-files=normal',
] as const;
