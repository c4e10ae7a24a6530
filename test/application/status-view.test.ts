import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusView } from '../../src/application/status-view.ts';
import { shortened } from '../../src/application/table.ts';
import type { StatusAnswer } from '../../src/domain/answers/status.ts';
import { displayWidth } from '../../src/domain/display-width.ts';

const row: StatusAnswer = {
  path: '/wt/a',
  branch: 'feat/a',
  project_id: null,
  head: 'a'.repeat(40),
  is_main: false,
  detached: false,
  locked: null,
  prunable: null,
  base: 'main',
  base_sha: null,
  base_source: 'inferred',
  ahead: 3,
  behind: 0,
  state: 'ready',
  provisioned: null,
  dispatch_status: 'idle',
  dispatch_id: null,
  pid: null,
  uncommitted_changes: false,
  changes: { staged: 0, unstaged: 0, untracked: 0, conflicted: 0 },
  merge_conflicts: false,
  conflicts: [],
  integrated: null,
  empty: false,
  needs: null,
  sessions: [],
  integrated_upstream: null,
  claim: null,
  created_at: null,
  last_commit_at: null,
  last_activity_at: null,
  warnings: [],
  error: null,
};
const main: StatusAnswer = {
  ...row,
  path: '/jerry',
  branch: 'main',
  is_main: true,
  ahead: null,
  behind: null,
};
const options = { color: false, columns: 80, cwd: '/wt/a/src', home: '/home/ada' };
const conflict = (path: string) => ({ path, kind: 'content' as const, resolution: null });

describe('worktrees on a terminal', () => {
  it('are a line each, with the mark of the one that one is in', () => {
    const busy: StatusAnswer = {
      ...row,
      path: '/wt/6',
      project_id: 'PROJ-006-multi-instance',
      behind: 12,
      state: 'completed',
      uncommitted_changes: true,
      changes: { staged: 1, unstaged: 2, untracked: 3, conflicted: 4 },
      needs: { kind: 'stale_base', command: 'wt exec 6 -- git merge main' },
    };
    expect(statusView([main, row, busy], options).split('\n')).toEqual([
      '  main                     ready              clean',
      '@ feat/a                   ready      +3      clean',
      '  PROJ-006-multi-instance  completed  +3 -12  !4 +1 ~2 ?3',
      '    stale base: wt exec 6 -- git merge main',
    ]);
  });

  it('say below what they need where it has no place behind the row, and what is wrong', () => {
    const clash: StatusAnswer = {
      ...row,
      conflicts: ['a', 'b', 'c', 'd', 'e'].map(conflict),
      needs: { kind: 'conflict', command: 'wt exec feat/a -- git merge main' },
      warnings: [{ code: 'conflicts_with_worktree', message: 'conflicts with feat/b in src/a.ts' }],
    };
    expect(statusView([clash], options).split('\n')).toEqual([
      '@ feat/a  ready  +3  clean  conflict: wt exec feat/a -- git merge main',
      '    conflicts with main in a, b, c and 2 more',
      '    conflicts with feat/b in src/a.ts',
    ]);
    expect(
      statusView([clash], { ...options, columns: 60 })
        .split('\n')
        .slice(0, 2),
    ).toEqual(['@ feat/a  ready  +3  clean', '    conflict: wt exec feat/a -- git merge main']);
  });

  it('show the dispatch where the terminal is wide', () => {
    const ran = { ...row, dispatch_id: 'dispatch-20260220-001' };
    expect(statusView([ran], options)).not.toContain('dispatch-');
    expect(statusView([ran], { ...options, columns: 120 })).toContain('clean  dispatch-20260220-001');
  });

  it.each<[Partial<StatusAnswer>, string]>([
    [{ prunable: 'its folder is gone', uncommitted_changes: null, changes: null }, '@ feat/a  gone  +3'],
    [{ locked: '' }, '@ feat/a  ready, locked  +3  clean'],
    [{ locked: 'wt dispatch dispatch-1 (pid 1 start 1)' }, '@ feat/a  ready, locked  +3  clean'],
    [{ locked: 'wt dispatch dispatch-1 (pid 1 start 1)', state: 'running' }, '@ feat/a  running  +3  clean'],
    [{ state: null, uncommitted_changes: null, changes: null }, '@ feat/a  unknown  +3  unknown'],
    [{ branch: null, detached: true }, '@ /wt/a (detached)  ready  +3  clean'],
    [{ branch: 'a\u001b[31mb' }, '@ a\\u{1b}[31mb  ready  +3  clean'],
  ])('do not hide what is unusual: %j', (more, line) => {
    expect(statusView([{ ...row, ...more }], options).split('\n')[0]).toBe(line);
  });

  it('name the sessions of others, and no control character of theirs', () => {
    const session = {
      pid: 4711,
      kind: 'interactive',
      session_id: null,
      cwd: '/wt/a',
      source: 'process',
    } as const;
    const lines = statusView([{ ...row, sessions: [{ ...session, name: 'fix\u001b[31m' }] }], options);
    expect(lines.split('\n')[1]).toBe("    in use: claude's session fix\\u{1b}[31m (interactive, pid 4711)");
    expect(statusView([{ ...row, sessions: null }], options)).not.toContain('in use');
  });

  it('say what to do in a repository without any', () => {
    expect(statusView([main], options)).toContain('wt create');
  });

  it('fit the terminal, whatever the branch is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
        fc.integer({ min: 60, max: 140 }),
        (branch, columns) => {
          const [line = ''] = statusView([main, { ...row, branch, state: 'provisioning' }], {
            ...options,
            columns,
          })
            .split('\n')
            .slice(1);
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });

  it('are the same in colour', () => {
    const lines = statusView([main, row], { ...options, color: true });
    expect(lines).not.toBe(stripVTControlCharacters(lines));
    expect(stripVTControlCharacters(lines)).toBe(statusView([main, row], options));
  });

  it('shorten in the middle, where names differ least', () => {
    expect(shortened('feat/proj-006-multi-instance', 15)).toBe('feat/pr…nstance');
    expect(shortened('short', 15)).toBe('short');
    expect(displayWidth(shortened('日本語日本語日本語', 8))).toBeLessThanOrEqual(8);
  });
});
