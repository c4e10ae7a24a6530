import type { Worktree } from './worktree.ts';
import type { WorktreeFacts } from './worktree-facts.ts';

/**
 * What a worktree adds to the environment of every child in it: its project under the variable recorded at
 * creation, and claude's project folder, since an inherited one points at another checkout. `undefined` removes.
 */
export const worktreeEnvironment = (
  worktree: Pick<Worktree, 'path'> & {
    readonly facts: Pick<WorktreeFacts, 'variable' | 'project_id'> | undefined;
  },
  variable: string,
): Readonly<Record<string, string | undefined>> => ({
  [worktree.facts?.variable ?? variable]: worktree.facts?.project_id ?? undefined,
  CLAUDE_PROJECT_DIR: worktree.path,
  CLAUDECODE: undefined,
  CLAUDE_CODE_ENTRYPOINT: undefined,
});
