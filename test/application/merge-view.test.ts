import { describe, expect, it } from 'vitest';
import { mergeView } from '../../src/application/merge-view.ts';
import type { MergeAnswer } from '../../src/domain/answers/merge.ts';

const name = (index: number) =>
  `feat/proj-${String(index).padStart(3, '0')}-a-name-that-is-rather-long-as-names-go`;

const answer = (index: number, more: Partial<MergeAnswer>): MergeAnswer => ({
  worktree_path: `/w/${index}`,
  branch: name(index),
  target: 'main',
  strategy: 'merge',
  status: 'dry-run-clean',
  reason: null,
  conflicts: [],
  escalations: [],
  target_before: 'a'.repeat(40),
  target_after: null,
  merge_tree: 'b'.repeat(40),
  left_in_progress: false,
  gates: [],
  pushed: false,
  cleaned_up: false,
  order: index,
  order_reason: null,
  orchestration: null,
  warnings: [],
  error: null,
  ...more,
});

const view = (...answers: readonly MergeAnswer[]) =>
  mergeView(answers, { color: false, columns: 80 }).split('\n');
const skipped = { status: 'skipped', reason: 'no_dispatch', order: null } as const;

describe('landings for people', () => {
  it('name those that were left out together, by why, and count what became of several', () => {
    const lines = view(
      answer(1, { order_reason: `conflicts with ${name(2)}, ${name(3)}` }),
      answer(2, { status: 'dry-run-conflicts' }),
      answer(3, skipped),
      answer(4, { ...skipped, reason: 'dirty' }),
      answer(5, skipped),
    );
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^ {2}turn 1: it conflicts with feat\/proj-002-.*…$/),
      `${name(2)} conflicts with main; nothing was changed`,
      `  next: wt merge ${name(2)} --resolve`,
      'skipped: no dispatch was made in it; name it to land it',
      `  ${name(3)}`,
      `  ${name(5)}`,
      `${name(4)} skipped: it has uncommitted changes`,
      '1 would land, 1 in conflict, 3 skipped; the same without -n lands what would',
    ]);
    expect(lines[1]).toHaveLength(80);
  });

  it('count nothing where one word says it all', () => {
    expect(view(answer(1, skipped), answer(2, skipped), answer(3, skipped))).toHaveLength(4);
    expect(view(answer(1, {}), answer(2, { status: 'skipped' })).at(-1)).not.toContain('would land,');
  });

  it('show of a commit what it did, however long the name of its branch', () => {
    const commit = {
      commit: 'c'.repeat(40),
      subject: 'feat: keep the e-mail',
      author: 'Ada',
      time: '2026-01-01T00:00:00.000Z',
    };
    const escalation = { path: 'f', kind: 'content', resolution: null, why: null, remedy: null } as const;
    const sides = { ours: [commit], ours_count: 1, theirs: [commit], theirs_count: 1 };
    const lines = view(answer(1, { status: 'conflicts', escalations: [{ ...escalation, ...sides }] }));
    expect(lines.slice(2, 4)).toEqual([
      '    main: cccccccc feat: keep the e-mail (Ada)',
      '    feat/proj-001…-as-names-go: cccccccc feat: keep the e-mail (Ada)',
    ]);
  });
});
