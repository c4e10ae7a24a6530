import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../../src/application/ports.ts';
import { type MergeScene, mergeScene, traces } from '../../support/merges.ts';

const lines = (...changed: [number, string][]) =>
  Array.from({ length: 20 }, (_, at) => `${changed.find(([line]) => line === at)?.[1] ?? at}\n`).join('');

/** `feat/a` with two commits by two authors, `main` with one more since. */
function scene(): MergeScene & { readonly a: string } {
  const made = mergeScene({ base: { f: lines(), log: '' }, branches: { 'feat/a': { f: lines([3, 'a']) } } });
  const a = made.at('feat/a');
  const author = { GIT_AUTHOR_NAME: 'Grace', GIT_AUTHOR_EMAIL: 'grace@example.com' };
  made.repo.gitIn(a, 'commit', '-q', '--amend', '-m', 'feat(f): change a line\n\nBecause.');
  made.repo.gitIn(a, '-c', `user.name=${author.GIT_AUTHOR_NAME}`, 'commit', '-q', '--allow-empty', '-m', 'x');
  made.repo.gitIn(a, 'reset', '-q', '--hard', 'HEAD~1');
  made.commit({ 'more.txt': 'more\n' }, a);
  made.repo.gitIn(
    a,
    ...['commit', '-q', '--amend', '--author=Grace <grace@example.com>', '-m', 'more of it'],
  );
  made.commit({ f: lines([15, 'main']) });
  return { ...made, a };
}

const file = ({ repo }: MergeScene, name: string) => readFileSync(join(repo.path, name), 'utf8');

describe('a squash', () => {
  it('is one commit with the tree of the merge, the message and the authors of the branch', async () => {
    const made = scene();
    const before = made.repo.git('rev-parse', 'main');
    const head = made.repo.git('rev-parse', 'feat/a');
    const untouched = traces(made);
    const [dry] = await made.merge({ worktree: ['feat/a'], strategy: 'squash', dryRun: true });
    expect(traces(made)).toEqual(untouched);
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy: 'squash' });
    expect(answer).toMatchObject({ status: 'merged', strategy: 'squash', target_before: before });
    expect(answer?.merge_tree).toBe(dry?.merge_tree);
    expect(made.repo.git('log', '-1', '--format=%P|%T|%an|%cn|%B', 'main')).toBe(
      `${before}|${dry?.merge_tree}|Ada|Ada|feat(f): change a line\n\n- feat(f): change a line\n- more of it\n\nCo-authored-by: Grace <grace@example.com>`,
    );
    expect(file(made, 'f')).toBe(lines([3, 'a'], [15, 'main']));
    expect(made.repo.git('rev-parse', 'feat/a')).toBe(head);
    expect(made.repo.git('status', '--porcelain')).toBe('');
    const [again] = await made.merge({ worktree: ['feat/a'], strategy: 'squash' });
    expect(again).toMatchObject({ status: 'up-to-date', warnings: [{ code: 'adds_nothing' }] });
  });

  it('keeps what the target has changed since, and takes the text that is given', async () => {
    const made = scene();
    made.repo.git('switch', '-qc', 'elsewhere'); // main is checked out nowhere
    await made.merge({ worktree: ['feat/a'], strategy: 'squash', message: 'All of it' });
    expect(made.repo.git('show', 'main:f')).toBe(lines([3, 'a'], [15, 'main']).trim());
    expect(made.repo.git('log', '-1', '--format=%s', 'main')).toBe('All of it');
  });
});

describe('a rebase', () => {
  it('replays the commits with their authors and messages, as git rebase does, the branch staying', async () => {
    const made = scene();
    const head = made.repo.git('rev-parse', 'feat/a');
    const before = made.repo.git('rev-parse', 'main');
    const untouched = traces(made);
    const [dry] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase', dryRun: true });
    expect(traces(made)).toEqual(untouched);
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase' });
    expect(answer).toMatchObject({ status: 'merged', strategy: 'rebase', target_before: before });
    expect(answer?.merge_tree).toBe(dry?.merge_tree);
    expect(made.repo.git('rev-parse', 'feat/a')).toBe(head);
    const format = '--format=%T %an %ae %ad %B';
    made.repo.git('switch', '-q', '--detach', 'feat/a');
    made.repo.git('rebase', '-q', before);
    expect(made.repo.git('log', format, `${before}..main`)).toBe(
      made.repo.git('log', format, `${before}..HEAD`),
    );
    expect(made.repo.git('rev-list', '--count', `${before}..main`)).toBe('2');
    const [again] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase' });
    expect(again?.status).toBe('up-to-date');
  });

  it('keeps a commit that was empty from the first, and drops one that becomes so', async () => {
    const made = scene();
    made.repo.git('cherry-pick', 'feat/a');
    made.repo.gitIn(made.a, 'commit', '-q', '--allow-empty', '-m', 'nothing in it');
    const before = made.repo.git('rev-parse', 'main');
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase' });
    expect(answer?.status).toBe('merged');
    expect(made.repo.git('log', '--format=%s', `${before}..main`)).toBe(
      'nothing in it\nfeat(f): change a line',
    );
  });

  it('leaves out merges and what the target has already, and names the commit that conflicts', async () => {
    const made = scene();
    made.repo.git('cherry-pick', 'feat/a~1');
    made.repo.gitIn(made.a, 'merge', '-q', '--no-edit', 'main~1');
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase' });
    expect(answer?.status).toBe('merged');
    expect(made.repo.git('log', '-1', '--format=%s|%an', 'main')).toBe('more of it|Grace');
    made.branch('feat/b', { f: lines([15, 'b']) }, 'main~3');
    const before = made.repo.git('rev-parse', 'main');
    const [stuck] = await made.merge({ worktree: ['feat/b'], strategy: 'rebase' });
    expect(stuck).toMatchObject({
      status: 'conflicts',
      strategy: 'rebase',
      conflicts: [{ path: 'f', kind: 'content' }],
      warnings: [{ code: 'replay_stopped', message: expect.stringContaining('work') }],
    });
    expect(made.repo.git('rev-parse', 'main')).toBe(before);
  });
});

describe('a rebase of a branch whose merge commit holds a change of its own', () => {
  it('says that the change does not come along', async () => {
    const made = mergeScene({ base: { f: lines() }, branches: { 'feat/a': { a: 'a\n' } } });
    const a = made.at('feat/a');
    made.commit({ m: 'm\n' });
    made.repo.gitIn(a, 'merge', '-q', '--no-commit', 'main');
    made.commit({ only: 'in the merge\n' }, a);
    made.commit({ later: 'later\n' }, a);
    made.commit({ again: 'again\n' });
    const [answer] = await made.merge({ worktree: ['feat/a'], strategy: 'rebase' });
    expect(answer?.status).toBe('merged');
    expect(answer?.warnings.map(({ code }) => code)).toContain('merges_left_out');
  });
});

describe('a target that moves while it is landed on', () => {
  const meddling =
    (made: MergeScene, times: number) =>
    (hub: Hub): Hub => {
      let left = times;
      const { landings } = hub;
      return {
        ...hub,
        landings: {
          openScratch: (options) => landings.openScratch(options),
          assertIdle: (target, worktrees) => landings.assertIdle(target, worktrees),
          operation: (worktree) => landings.operation(worktree),
          settle: (landing, startedAt) => landings.settle(landing, startedAt),
          upstream: (branch) => landings.upstream(branch),
          land: (landing, intent) => {
            if (left-- > 0) made.commit({ log: `${left}\n` });
            return landings.land(landing, intent);
          },
        },
      };
    };

  it('is refused, or judged again with --retry', async () => {
    const made = scene();
    await expect(made.merge({ worktree: ['feat/a'] }, { tamper: meddling(made, 1) })).rejects.toMatchObject({
      code: 'target_moved',
    });
    const [answer] = await made.merge({ worktree: ['feat/a'], retry: true }, { tamper: meddling(made, 3) });
    expect(answer?.status).toBe('merged');
    expect(file(made, 'f')).toBe(lines([3, 'a'], [15, 'main']));
    made.branch('feat/b', { b: 'b\n' }, 'main~1');
    const endless = made.merge({ worktree: ['feat/b'], retry: true }, { tamper: meddling(made, 99) });
    await expect(endless).rejects.toMatchObject({ code: 'target_moved' });
  });
});
