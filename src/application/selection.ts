import { failures } from '../domain/failure.ts';
import { selectWorktree } from '../domain/selector.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';

export type SelectOptions = {
  /** `false` where a retried script must never hit a neighbour: a prefix then counts only on a terminal. */
  readonly prefixForScripts?: boolean;
  readonly worktrees?: readonly Worktree[];
  /** For commands that only look: a worktree of which wt's own record cannot be read is selected too. */
  readonly unreadableToo?: boolean;
};

/** Resolves the selectors of a command, all of them before any effect; says what each shorthand became. */
export async function selectWorktrees(
  { narrator, environment }: Pick<Ports, 'narrator' | 'environment'>,
  hub: Hub,
  selectors: readonly string[],
  options: SelectOptions = {},
): Promise<readonly Worktree[]> {
  const worktrees = options.worktrees ?? (await hub.git.worktrees());
  const { current } = hub.repository;
  const paths = new Map<string, string | undefined>();
  for (const selector of selectors) {
    const folders = worktrees.map(({ path }) => path);
    const place = (path: string) =>
      hub.folders.containing(folders, path, environment.cwd(), environment.home);
    paths.set(selector, await place(selector));
    // A bare word is a path only when something is there: else every typing mistake would be this worktree.
    const relative = `./${selector}`;
    const isThere = (await hub.folders.kind(`${environment.cwd()}/${selector}`)) !== 'absent';
    paths.set(relative, isThere ? await place(relative) : undefined);
  }
  const context = {
    worktrees,
    current,
    lastUsed: await hub.facts.lastUsed(),
    held: await heldBranches(hub, worktrees),
    containing: (path: string) => paths.get(path),
    allowPrefix: options.prefixForScripts !== false || (narrator.tty.stdin && narrator.tty.stderr),
  };
  const selected = selectors.map((selector) => selectWorktree(selector, context));
  const unreadable = selected.find((worktree) => worktree.unreadable !== undefined)?.unreadable;
  if (unreadable !== undefined && options.unreadableToo !== true) throw unreadable;
  for (const [index, worktree] of selected.entries()) {
    const selector = selectors[index];
    if (
      selector !== worktree.branch &&
      selector !== worktree.path &&
      selector !== worktree.facts?.project_id
    ) {
      narrator.note(`${selector} is ${worktree.branch ?? 'a detached HEAD'} in ${worktree.path}`);
    }
  }
  return [...new Map(selected.map((worktree) => [worktree.path, worktree])).values()];
}

/** In the middle of a rebase or a bisect a worktree is still that of its branch, though its HEAD is detached. */
async function heldBranches(hub: Hub, worktrees: readonly Worktree[]): Promise<ReadonlyMap<string, string>> {
  const detached = worktrees.filter(({ branch, isMain }) => branch === undefined && !isMain);
  const held = await Promise.all(
    detached.map(async ({ path, gitDir }) => [path, gitDir && (await hub.git.heldBranch(gitDir))] as const),
  );
  return new Map(held.flatMap(([path, branch]) => (branch ? [[path, branch]] : [])));
}

/** The linked worktree that contains the current directory, for a command whose selector was left out. */
export async function currentWorktree(
  hub: Hub,
  command: string,
  worktrees?: readonly Worktree[],
): Promise<Worktree> {
  const { current } = hub.repository;
  const worktree = (worktrees ?? (await hub.git.worktrees())).find(
    ({ path, isMain }) => path === current && !isMain,
  );
  if (worktree === undefined) {
    throw failures.usage(
      `wt ${command} needs a worktree here`,
      `wt ${command} <worktree>; wt list shows them`,
    );
  }
  if (worktree.unreadable !== undefined) throw worktree.unreadable;
  return worktree;
}
