import { failures } from './failure.ts';
import { nearest } from './near.ts';
import { projectNumber } from './project-id.ts';
import { type Worktree, worktreeName } from './worktree.ts';

/** What a selector is resolved against. */
export type SelectionContext = {
  readonly worktrees: readonly Worktree[];
  /** Top of the work tree that contains the current directory. */
  readonly current: string | undefined;
  /** The worktrees used last, newest first. */
  readonly lastUsed: readonly string[];
  /** The top of the worktree that contains a path, by real path; `undefined` when none does. */
  readonly containing: (path: string) => string | undefined;
  /** The branches that a rebase or a bisect in progress has taken HEAD off, by the paths of their worktrees. */
  readonly held?: ReadonlyMap<string, string>;
  /** Whether a prefix may stand for the whole: never for a script's `cleanup`, `merge`, `cancel` or `dispatch`. */
  readonly allowPrefix: boolean;
};

const isPath = (selector: string) =>
  selector.startsWith('/') || selector.startsWith('.') || selector.startsWith('~');

/**
 * The worktree a selector names: the first kind that matches of path, `@` `^` `-`, branch, project id, project
 * number, prefix, relative path. Throws `ambiguous_worktree` and `worktree_not_found` with near misses.
 */
export function selectWorktree(selector: string, context: SelectionContext): Worktree {
  const { worktrees } = context;
  const at = (path: string | undefined) =>
    path === undefined ? undefined : worktrees.find((worktree) => worktree.path === path);
  if (selector === '') throw failures.usage('the worktree selector is empty', 'wt list shows the worktrees');
  if (isPath(selector)) return at(context.containing(selector)) ?? notFound(selector, context);
  if (selector === '@') return at(context.current) ?? notFound(selector, context);
  if (selector === '^') return worktrees.find((worktree) => worktree.isMain) ?? notFound(selector, context);
  if (selector === '-') {
    return (
      at(context.lastUsed.find((path) => path !== context.current && at(path) !== undefined)) ??
      notFound(selector, context)
    );
  }

  const isProject = (worktree: Worktree, id: string) => worktree.facts?.project_id === id;
  const exact =
    single(
      selector,
      worktrees.filter(({ branch, path }) => branch === selector || context.held?.get(path) === selector),
    ) ??
    single(
      selector,
      worktrees.filter((worktree) => isProject(worktree, selector)),
    );
  if (exact !== undefined) return exact;
  if (/^\d+$/.test(selector)) {
    const numbered = worktrees.filter(
      ({ facts }) => projectNumber(facts?.project_id ?? '') === Number(selector),
    );
    const match = single(selector, numbered);
    if (match !== undefined) return match;
  }
  const isComplete = selector.includes('/') || /^[A-Z]+-\d+-.+$/.test(selector);
  if (!isComplete) {
    const begins = (text: string | null | undefined) =>
      text?.toLowerCase().startsWith(selector.toLowerCase()) === true;
    const match = single(
      selector,
      worktrees.filter(
        ({ facts, branch }) =>
          begins(facts?.project_id) || begins(branch) || begins(branch?.split('/').at(-1)),
      ),
    );
    if (match !== undefined) {
      if (context.allowPrefix) return match;
      throw failures.prefixNeedsTerminal(selector, worktreeName(match));
    }
  }
  return at(context.containing(`./${selector}`)) ?? notFound(selector, context);
}

function single(selector: string, matches: readonly Worktree[]): Worktree | undefined {
  if (matches.length > 1)
    throw failures.ambiguousWorktree(
      selector,
      matches.map((w) => `${worktreeName(w)} (${w.path})`),
    );
  return matches[0];
}

function notFound(selector: string, { worktrees }: SelectionContext): never {
  const names = worktrees.flatMap((w) =>
    [w.facts?.project_id, w.branch, w.branch?.split('/').at(-1)].filter((n) => n != null),
  );
  throw failures.worktreeNotFound(selector, nearest(selector, names));
}
