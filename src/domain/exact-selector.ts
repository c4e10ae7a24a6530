import { projectNumber } from './project-id.ts';
import type { Worktree } from './worktree.ts';

/**
 * The shortest selector that names this worktree and no other for every command: the main one, the project's number,
 * the branch, the project id, else the path.
 */
export function exactSelector(worktree: Worktree, all: readonly Worktree[]): string {
  if (worktree.isMain) return '^';
  const { branch, facts, path } = worktree;
  const id = facts?.project_id ?? undefined;
  const number = id === undefined ? undefined : projectNumber(id);
  // A branch goes before an id of the same name, and an id before a number.
  const isBranch = (text: string) => all.some((other) => other.branch === text);
  const isId = (text: string) => all.some((other) => other.facts?.project_id === text);
  const bearers = (matches: (other: Worktree) => boolean) => all.filter(matches).length;
  if (number !== undefined && !isBranch(`${number}`) && !isId(`${number}`)) {
    const sameNumber = (other: Worktree) => projectNumber(other.facts?.project_id ?? '') === number;
    if (bearers(sameNumber) === 1) return `${number}`;
  }
  if (branch !== undefined && bearers((other) => other.branch === branch) === 1) return branch;
  if (id !== undefined && !isBranch(id) && bearers((other) => other.facts?.project_id === id) === 1)
    return id;
  return path;
}
