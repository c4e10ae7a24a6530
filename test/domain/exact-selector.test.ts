import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { exactSelector } from '../../src/domain/exact-selector.ts';
import { selectWorktree } from '../../src/domain/selector.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import type { WorktreeFacts } from '../../src/domain/worktree-facts.ts';

const worktree = (path: string, branch?: string, project?: string): Worktree => ({
  path,
  gitDir: undefined,
  isMain: path === '/main',
  head: undefined,
  branch: branch as BranchName | undefined,
  detached: branch === undefined,
  locked: undefined,
  prunable: undefined,
  facts: project === undefined ? undefined : ({ project_id: project } as WorktreeFacts),
});

describe('the selector that wt tells people to type', () => {
  it.each([
    [worktree('/wt/6', 'feat/proj-006-x', 'PROJ-006-x'), '6'],
    [worktree('/wt/login', 'fix-login'), 'fix-login'],
    [worktree('/wt/detached'), '/wt/detached'],
    [worktree('/main', 'main'), '^'],
  ])('is the shortest one that names it: %#', (one, selector) => {
    expect(exactSelector(one, [worktree('/main', 'main'), one])).toBe(selector);
  });

  it('names that worktree and no other, whatever the others are called', () => {
    const names = fc.constantFrom('6', 'feat/6', 'PROJ-006-x', 'PROJ-006-y', 'x', undefined);
    const ids = fc.constantFrom('PROJ-006-x', 'PROJ-006-y', 'PROJ-007-z', undefined);
    fc.assert(
      fc.property(fc.array(fc.tuple(names, ids), { minLength: 1, maxLength: 5 }), (kinds) => {
        const all = [
          worktree('/main', 'main'),
          ...kinds.map(([branch, id], index) => worktree(`/wt/${index}`, branch, id)),
        ];
        for (const one of all) {
          const found = selectWorktree(exactSelector(one, all), {
            worktrees: all,
            current: undefined,
            lastUsed: [],
            containing: (path) => path,
            allowPrefix: false,
          });
          expect(found.path).toBe(one.path);
        }
      }),
    );
  });
});
