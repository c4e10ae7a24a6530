import { describe, expect, it } from 'vitest';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { type SelectionContext, selectWorktree } from '../../src/domain/selector.ts';
import type { Sha } from '../../src/domain/sha.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import { WorktreeFacts } from '../../src/domain/worktree-facts.ts';

const id = 'a'.repeat(40) as Sha;

const worktree = (path: string, branch: string | undefined, project?: string): Worktree => ({
  path,
  gitDir: `${path}/.git`,
  isMain: path === '/m',
  head: id,
  branch: branch as BranchName | undefined,
  detached: branch === undefined,
  locked: undefined,
  prunable: undefined,
  facts:
    project === undefined
      ? undefined
      : WorktreeFacts.parse({
          version: 1,
          project_id: project,
          base: 'main',
          base_ref: 'main',
          base_sha: id,
          branch_created: true,
          branch: branch ?? '',
          created_at: '2026-01-01T00:00:00.000Z',
        }),
});

const worktrees = [
  worktree('/m', 'main'),
  worktree('/w/6', 'feat/proj-006-multi', 'PROJ-006-multi'),
  worktree('/w/16', 'feat/proj-016-other', 'PROJ-016-other'),
  worktree('/w/login', 'fix-login'),
  worktree('/w/logout', 'fix-logout'),
  worktree('/w/6b', '6'),
  worktree('/w/loose', undefined),
];

const context = (more: Partial<SelectionContext> = {}): SelectionContext => ({
  worktrees,
  current: '/w/login',
  lastUsed: ['/w/login', '/w/16'],
  containing: (path) => worktrees.find((w) => path === w.path || path.startsWith(`${w.path}/`))?.path,
  allowPrefix: true,
  ...more,
});

const outcome = (selector: string, more: Partial<SelectionContext> = {}) => {
  try {
    return selectWorktree(selector, context(more)).path;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
};

describe('a worktree selector', () => {
  it.each([
    ['/w/login/src/a.ts', '/w/login'],
    ['@', '/w/login'],
    ['^', '/m'],
    ['-', '/w/16'],
    ['feat/proj-006-multi', '/w/6'],
    ['PROJ-006-multi', '/w/6'],
    ['16', '/w/16'],
    ['proj-016', '/w/16'],
    ['PROJ-016', '/w/16'],
    ['fix-logi', '/w/login'],
    ['FIX-LOGO', '/w/logout'],
  ])('%s is %s', (selector, path) => expect(outcome(selector)).toBe(path));

  it('takes a branch named 6 before the project number 6', () => expect(outcome('6')).toBe('/w/6b'));

  it.each([
    ['fix-log', 'ambiguous_worktree'],
    ['nothing', 'worktree_not_found'],
    ['/elsewhere', 'worktree_not_found'],
    ['', 'usage'],
    // complete ids and names with a slash match exactly or not at all
    ['PROJ-006-mul', 'worktree_not_found'],
    ['feat/proj-006', 'worktree_not_found'],
  ])('%s is %s', (selector, code) => expect(outcome(selector)).toBe(code));

  it('needs the whole name where a retried script could hit a neighbour', () => {
    expect(outcome('fix-logi', { allowPrefix: false })).toBe('worktree_not_found');
    expect(outcome('fix-login', { allowPrefix: false })).toBe('/w/login');
    expect(outcome('16', { allowPrefix: false })).toBe('/w/16');
  });

  it('names near misses', () => {
    try {
      selectWorktree('fix-lgoin', context());
      expect.unreachable();
    } catch (error) {
      expect(isFailure(error) && error.hint).toContain('fix-login');
    }
  });
});
