import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { effectsOf, type Moment, momentsOf, wtKilledAt } from '../support/crashes.ts';
import { remains } from '../support/removals.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

type Scene = {
  readonly repo: TestRepo;
  readonly args: readonly string[];
  /** The branch that moves, and the work tree that goes with it. */
  readonly moves: string;
  readonly checkout: string;
};

/** Two commits on both sides, with files that each adds, changes and removes. */
function diverged(): { readonly repo: TestRepo; readonly path: string } {
  const repo = makeRepo();
  repo.commit('base', { f: 'f\n', g: 'g\n', gone: 'gone\n', 'old/x': 'x\n', mine: 'mine\n' });
  const path = join(repo.root, 'jerry-wt', 'feat', 'a');
  repo.git('worktree', 'add', '-q', '--no-track', '-b', 'feat/a', path);
  repo.gitIn(path, 'rm', '-q', 'gone');
  repo.commit('a', { f: 'a\n', new: 'new\n' }, path);
  repo.commit('more', { 'deep/er/new': 'new\n' }, path);
  repo.git('rm', '-q', 'old/x');
  repo.commit('beside', { g: 'main\n', old: 'a file now\n' });
  repo.commit('beside too', { beside: 'x\n' });
  return { repo, path };
}

/** Something staged, and changed since, that nothing which comes touches. */
function leaveUncommitted(repo: TestRepo, checkout: string): void {
  writeFileSync(join(checkout, 'mine'), 'staged\n');
  repo.gitIn(checkout, 'add', 'mine');
  writeFileSync(join(checkout, 'mine'), 'changed since\n');
  writeFileSync(join(checkout, 'untracked'), 'untracked\n');
}

function landing(strategy: string): Scene {
  const { repo } = diverged();
  leaveUncommitted(repo, repo.path);
  const args = ['merge', 'feat/a', '--strategy', strategy];
  return { repo, args, moves: 'main', checkout: repo.path };
}

function syncing(strategy: string): Scene {
  const { repo, path } = diverged();
  leaveUncommitted(repo, path);
  return { repo, args: ['sync', 'feat/a', '--strategy', strategy], moves: 'feat/a', checkout: path };
}

const scenes: readonly (readonly [name: string, make: () => Scene])[] = [
  ['a squash', () => landing('squash')],
  ['a rebase', () => landing('rebase')],
  ['a sync', () => syncing('merge')],
  ['a sync that rebases', () => syncing('rebase')],
];

/** Everything there is once a command has recovered, with where the branch is. */
function look({ repo, moves, checkout }: Scene) {
  expect(remains(repo).intents.filter((name) => name.endsWith('.json'))).toEqual([]);
  expect(repo.git('fsck', '--no-dangling')).toBe('');
  expect([repo.gitIn(checkout, 'show', ':mine'), readFileSync(join(checkout, 'mine'), 'utf8')]).toEqual([
    'staged',
    'changed since\n',
  ]);
  expect(repo.gitIn(checkout, 'status', '--porcelain')).toBe('MM mine\n?? untracked');
  return repo.git('rev-parse', `${moves}^{tree}`);
}

describe('a wt that is killed by SIGKILL', () => {
  it.each(scenes)(
    'in the middle of %s has done it, or nothing of it',
    { timeout: 3_600_000 },
    async (_, make) => {
      const made = make();
      const { repo, args, moves, checkout } = made;
      const before = repo.git('rev-parse', moves);
      const old = look(made);
      const back = () => {
        repo.gitIn(checkout, 'stash', 'push', '-q', '--include-untracked');
        repo.gitIn(checkout, 'reset', '-q', '--hard', before);
        repo.gitIn(checkout, 'stash', 'pop', '-q', '--index');
      };
      await wt(repo.path, repo.env, args); // what is made once is there
      const landed = look(made);
      expect(landed).not.toBe(old);
      back();
      const { ran, effects } = await effectsOf(repo, args);
      expect([ran.code, look(made)]).toEqual([0, landed]);
      const moving = /^spawn git .*(?:merge --ff-only|checkout --quiet .*-B)/;
      const outcomes = new Set<string>();
      const essential: readonly (readonly [Moment, RegExp])[] = [
        ['after', /^rename .*intents/],
        ['before', moving],
        ['middle', moving],
        ['after', moving],
        ['before', /^rm .*intents|^unlink .*intents/],
      ];
      for (const [when, effect] of momentsOf(effects, essential)) {
        back();
        await wtKilledAt(repo, args, when, effect);
        const told = await wt(repo.path, repo.env, ['status']);
        expect([effect, told.code, told.stderr]).toEqual([effect, 0, expect.anything()]);
        const tree = look(made);
        outcomes.add(tree);
        expect([old, landed]).toContain(tree);
        expect(tree === old).toBe(repo.git('rev-parse', moves) === before);
        const again = await wt(repo.path, repo.env, args);
        expect([effect, again.code, look(made)]).toEqual([effect, 0, landed]);
      }
      expect(outcomes).toEqual(new Set([old, landed]));
    },
  );
});
