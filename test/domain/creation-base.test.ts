import { describe, expect, it } from 'vitest';
import { remoteOf } from '../../src/domain/base-remote.ts';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { type CreationScene, chooseBase } from '../../src/domain/creation-base.ts';
import type { RefFacts } from '../../src/domain/ref-facts.ts';
import type { Sha } from '../../src/domain/sha.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import { failureOf } from '../support/config.ts';

const id = (digit: string) => digit.repeat(40) as Sha;

const ref = (name: string, more: Partial<RefFacts> = {}): RefFacts => ({
  ref: name,
  sha: id('a'),
  tree: id('e'),
  committedAt: new Date(0),
  subject: 'a commit',
  upstream: undefined,
  symref: undefined,
  ...more,
});
const local = (name: string, more: Partial<RefFacts> = {}) => ref(`refs/heads/${name}`, more);
const remote = (name: string, more: Partial<RefFacts> = {}) => ref(`refs/remotes/${name}`, more);
const originHead = (name: string) => remote('origin/HEAD', { symref: `refs/remotes/origin/${name}` });

const main = (more: Partial<Worktree> = {}): Worktree => ({
  path: '/src/jerry',
  gitDir: '/src/jerry/.git',
  isMain: true,
  head: id('a'),
  branch: 'main' as BranchName,
  detached: false,
  locked: undefined,
  prunable: undefined,
  facts: undefined,
  ...more,
});

const scene = (refs: readonly RefFacts[], more: Partial<CreationScene> = {}): CreationScene => ({
  refs,
  worktrees: [main()],
  current: '/src/jerry',
  ignoreCase: false,
  ...more,
});

describe('chooseBase', () => {
  const refs = [
    local('main', { sha: id('b'), upstream: 'refs/remotes/origin/main' }),
    local('dev', { upstream: 'refs/remotes/origin/next' }),
    remote('origin/main', { sha: id('c') }),
    remote('origin/next', { sha: id('d') }),
    remote('origin/release', { sha: id('e') }),
    originHead('main'),
  ];

  it.each([
    ['main', { branch: 'main', sha: id('b') }],
    ['refs/heads/main', { branch: 'main', sha: id('b') }],
    ['origin/main', { branch: 'main', sha: id('c') }],
    ['refs/remotes/origin/main', { branch: 'main', sha: id('c') }],
    ['origin', { branch: 'main', sha: id('c') }],
    ['origin/HEAD', { branch: 'main', sha: id('c') }],
    ['origin/next', { branch: 'dev', sha: id('d') }],
    ['origin/release', { branch: 'release', sha: id('e') }],
    ['HEAD', { branch: 'main', sha: id('b') }],
    ['v1.0', { branch: undefined, sha: undefined }],
    ['main~1', { branch: undefined, sha: undefined }],
  ])('takes %s for %j', (given, expected) => {
    expect(chooseBase(scene(refs), given)).toMatchObject({ ref: given, ...expected });
  });

  it('knows no branch for a detached HEAD', () => {
    const detached = scene(refs, { worktrees: [main({ branch: undefined, detached: true })] });
    expect(chooseBase(detached, 'HEAD')).toMatchObject({ branch: undefined, sha: undefined });
  });

  it('prefers of several branches that track it the one of the same name', () => {
    const both = [local('aaa', { upstream: 'refs/remotes/origin/main' }), ...refs];
    expect(chooseBase(scene(both), 'origin/main')).toMatchObject({ branch: 'main' });
  });

  it('gives the upstream of a local branch where the two stand apart', () => {
    expect(chooseBase(scene(refs), 'main').upstream).toEqual({ name: 'origin/main', sha: id('c') });
    const level = [local('main', { upstream: 'refs/remotes/origin/main', sha: id('c') }), ...refs.slice(1)];
    expect(chooseBase(scene(level), 'main').upstream).toBeUndefined();
    expect(chooseBase(scene(refs), 'origin/main').upstream).toBeUndefined();
  });

  describe('without a base', () => {
    it.each([
      [
        'what origin/HEAD points at',
        [local('trunk'), local('main'), remote('origin/trunk'), originHead('trunk')],
        'trunk',
        'trunk',
      ],
      ['main', [local('feat/x'), local('main'), local('master')], 'main', 'main'],
      ['master', [local('feat/x'), local('master')], 'master', 'master'],
      ['the only branch', [local('work')], 'work', 'work'],
      [
        'the remote default that no local branch has',
        [local('feat/x'), remote('origin/trunk'), originHead('trunk')],
        'trunk',
        'origin/trunk',
      ],
      ['origin/main before anything is checked out', [remote('origin/main')], 'main', 'origin/main'],
    ])('takes %s', (_, given, branch, name) => {
      expect(chooseBase(scene(given), undefined)).toMatchObject({ branch, ref: name, guessed: false });
    });

    it('guesses the branch of the main worktree when no default is known, and says so', () => {
      const given = scene([local('one'), local('two')], {
        worktrees: [main({ branch: 'two' as BranchName })],
      });
      expect(chooseBase(given, undefined)).toMatchObject({ branch: 'two', guessed: true });
    });

    it('does not take the branch of the main worktree when a default is known', () => {
      const given = scene([local('main'), local('feat/x')], {
        worktrees: [main({ branch: 'feat/x' as BranchName })],
      });
      expect(chooseBase(given, undefined)).toMatchObject({ branch: 'main', guessed: false });
    });

    it('says that there are no commits, or no default', () => {
      const unborn = scene([], { worktrees: [main({ head: undefined })] });
      expect(failureOf(() => chooseBase(unborn, undefined)).message).toMatch(/no commits yet/);
      const detached = scene([local('a'), local('b')], { worktrees: [main({ branch: undefined })] });
      expect(failureOf(() => chooseBase(detached, undefined))).toMatchObject({
        code: 'base_not_found',
        hint: 'name the base: --base <branch>',
      });
    });
  });
});

describe('remoteOf', () => {
  const refs = [local('main', { upstream: 'refs/remotes/team/core/main' }), local('alone')];
  it.each([
    ['origin/x', ['origin', 'team/core'], 'origin'],
    ['team/core/x', ['origin', 'team', 'team/core'], 'team/core'],
    ['refs/remotes/team/core/x', ['origin', 'team/core'], 'team/core'],
    ['main', ['origin', 'team/core'], 'team/core'],
    [undefined, ['origin', 'team/core'], 'team/core'],
    ['alone', ['origin', 'fork'], 'origin'],
    ['v1.0', ['upstream'], 'upstream'],
    ['v1.0', ['a', 'b'], undefined],
    ['v1.0', [], undefined],
  ])('of %s among %j is %s', (base, remotes, expected) => {
    expect(remoteOf(base, refs, remotes)).toBe(expected);
  });
});
