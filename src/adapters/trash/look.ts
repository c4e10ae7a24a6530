import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Remains } from '../../application/ports/trash.ts';
import type { Obstacle } from '../../domain/failure.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { HubContext } from '../context.ts';
import { isInside } from '../folders.ts';
import { operationIn } from '../git/operations.ts';
import { impostorAt } from './identity.ts';
import { notWritable } from './places.ts';

export const noRegistration = 'git has no folder for it';

export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Looks at what is at the path of a worktree, and at what keeps it from being moved. */
export function lookAt(context: HubContext, worktree: Worktree, all: readonly Worktree[]): Remains {
  const { path, gitDir, isMain } = worktree;
  if (isMain || gitDir === undefined) {
    const impostor = isMain ? undefined : noRegistration;
    return { isThere: false, impostor, operation: undefined, obstacle: undefined };
  }
  const there = isThere(path);
  const impostor = impostorAt(path, gitDir);
  const movable = there && impostor === undefined;
  return {
    isThere: there,
    impostor,
    operation: operationIn(gitDir),
    obstacle: movable ? obstacleTo(context, path, all) : there ? undefined : hidden(worktree),
  };
}

/** git sees a folder where we see none: our spelling of its path is not its name. */
const hidden = ({ path, prunable, locked }: Worktree): Obstacle | undefined =>
  prunable === undefined && locked === undefined
    ? { what: `${path} stands for a path that is not UTF-8` }
    : undefined;

function obstacleTo(
  { repository }: HubContext,
  path: string,
  all: readonly Worktree[],
): Obstacle | undefined {
  const inner = all.find((other) => other.path !== path && isInside(path, other.path) && isThere(other.path));
  if (inner !== undefined)
    return { what: `the worktree ${inner.path} is inside it`, hint: `wt cleanup ${inner.path} first` };
  if (isInside(path, repository.commonDir)) return { what: 'the repository itself is inside it' };
  const closed = notWritable(dirname(path)) ?? notWritable(path);
  return closed === undefined ? undefined : { what: closed };
}
