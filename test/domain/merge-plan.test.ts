import { describe, expect, it } from 'vitest';
import type { BranchName } from '../../src/domain/branch-name.ts';
import {
  type Ancestry,
  type Candidate,
  emptyPlan,
  extend,
  judge,
  type LandingStrategy,
  needsAncestry,
  tipOf,
} from '../../src/domain/merge-plan.ts';
import type { MergeProbe } from '../../src/domain/merge-probe.ts';
import type { Sha } from '../../src/domain/sha.ts';

const id = (digit: string) => digit.repeat(40) as Sha;
const candidate: Candidate = {
  name: 'feat/a',
  worktreePath: '/w/a',
  branch: 'feat/a' as BranchName,
  head: id('1'),
  tree: id('2'),
  target: 'main',
};
const clean: MergeProbe = { kind: 'clean', tree: id('3') };
const tip = { commit: id('5'), tree: id('6') };
const nothing: MergeProbe = { kind: 'clean', tree: id('6') };
const conflicts: MergeProbe = {
  kind: 'conflicts',
  conflicts: [{ path: 'f', kind: 'content', resolution: null }],
};

describe('a verdict', () => {
  const open: Ancestry = { ahead: 2, behind: 0 };
  const diverged: Ancestry = { ahead: 2, behind: 1 };
  const contained: Ancestry = { ahead: 0, behind: 3 };
  it.each<[LandingStrategy, MergeProbe, Ancestry | undefined, string]>([
    ['auto', clean, open, 'fast-forward'],
    ['auto', clean, diverged, 'merge'],
    ['auto', clean, undefined, 'merge'],
    ['auto', clean, contained, 'up-to-date'],
    ['auto', conflicts, undefined, 'conflicts'],
    ['ff', clean, open, 'fast-forward'],
    ['ff', clean, diverged, 'not_fast_forward'],
    ['ff', clean, undefined, 'not_fast_forward'],
    ['ff', conflicts, undefined, 'not_fast_forward'],
    ['ff', clean, contained, 'up-to-date'],
    ['merge', clean, open, 'merge'],
    ['merge', clean, diverged, 'merge'],
    ['merge', clean, contained, 'up-to-date'],
    ['merge', conflicts, undefined, 'conflicts'],
    ['squash', clean, open, 'squash'],
    ['squash', clean, diverged, 'squash'],
    ['squash', clean, contained, 'up-to-date'],
    ['squash', nothing, diverged, 'up-to-date'],
    ['squash', conflicts, undefined, 'conflicts'],
    ['rebase', clean, open, 'fast-forward'],
    ['rebase', clean, undefined, 'rebase'],
    ['rebase', clean, contained, 'up-to-date'],
    ['rebase', conflicts, undefined, 'conflicts'],
    ['auto', nothing, diverged, 'merge'],
    ['auto', nothing, open, 'fast-forward'],
    ['merge', nothing, diverged, 'merge'],
    ['ff', nothing, diverged, 'not_fast_forward'],
    ['auto', { kind: 'unrelated' }, undefined, 'git_failed'],
    ['auto', { kind: 'unknown', why: 'fatal: it broke' }, undefined, 'git_failed'],
  ])('of %s on %j with %j is %s', (strategy, probe, ancestry, expected) => {
    const verdict = judge({ strategy }, candidate, tip, probe, ancestry);
    expect(verdict.kind === 'refused' ? verdict.failure.code : verdict.kind).toBe(expected);
  });

  it('of what adds nothing is a merge, unless only changes are wanted', () => {
    const ancestry = { ahead: 1, behind: 1 };
    const verdict = (strategy: LandingStrategy) =>
      judge({ strategy, onlyChanges: true }, candidate, tip, nothing, ancestry).kind;
    expect(verdict('auto')).toBe('up-to-date');
    expect(verdict('merge')).toBe('merge');
  });

  it('needs the histories only when the tree could be a side of its own', () => {
    expect(needsAncestry(clean, candidate, tip)).toBe(false);
    expect(needsAncestry(conflicts, candidate, tip)).toBe(false);
    expect(needsAncestry({ kind: 'clean', tree: id('2') }, candidate, tip)).toBe(true);
    expect(needsAncestry({ kind: 'clean', tree: id('6') }, candidate, tip)).toBe(true);
    expect(needsAncestry(clean, { ...candidate, tree: undefined }, tip)).toBe(true);
    expect(needsAncestry(clean, candidate, { ...tip, tree: undefined })).toBe(true);
  });
});

describe('a plan', () => {
  it('moves a target on with what lands, and only then', () => {
    const start = emptyPlan(
      new Map([
        ['main', { commit: id('a'), tree: undefined }],
        ['next', { commit: id('b'), tree: undefined }],
      ]),
    );
    const landed = extend(start, candidate, { verdict: { kind: 'merge', tree: id('3') }, after: id('c') });
    const stuck = extend(landed, candidate, { verdict: conflicts, after: id('c') });
    expect(tipOf(stuck, 'main')).toEqual({ commit: id('c'), tree: id('3') });
    expect(tipOf(stuck, 'next')).toEqual({ commit: id('b'), tree: undefined });
    expect(stuck.steps.map(({ before, after }) => [before, after])).toEqual([
      [id('a'), id('c')],
      [id('c'), id('c')],
    ]);
    expect(tipOf(start, 'main').commit).toBe(id('a'));
  });
});
