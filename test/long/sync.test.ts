import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { wt } from '../support/bin.ts';
import { lines, sync, syncScene } from '../support/syncs.ts';

describe('wt sync', () => {
  it('takes them all, bases first, and says of the others why not', async () => {
    const repo = syncScene(
      ['feat/a', { a: 'a\n' }],
      ['feat/dirty', { d: 'd\n' }],
      ['feat/locked', { l: 'l\n' }],
      ['feat/top', { t: 't\n' }],
    );
    repo.git('branch', '-q', '--set-upstream-to=feat/a', 'feat/top');
    writeFileSync(join(repo.at('feat/dirty'), 'd'), 'more\n');
    repo.git('worktree', 'lock', '--reason', 'mine', repo.at('feat/locked'));
    const { code, answers } = await sync(repo, '-a');
    expect(code).toBe(0);
    expect(answers.map(({ branch, status, reason, source }) => [branch, status, reason, source])).toEqual([
      ['feat/a', 'merged', null, 'origin/main'],
      ['feat/dirty', 'skipped', 'dirty', null],
      ['feat/locked', 'skipped', 'locked', null],
      ['feat/top', 'merged', null, 'feat/a'],
    ]);
    expect(repo.git('show', 'feat/top:f')).toBe(lines(3, 'theirs').trim());
    expect(repo.git('log', '-1', '--format=%s', 'feat/top')).toBe("Merge branch 'feat/a' into feat/top");
  });

  it('leaves out what has no branch or is in the middle of a rebase, and names that by its branch', async () => {
    const repo = syncScene(['feat/a', { f: lines(3, 'mine') }], ['feat/b', { b: 'b\n' }]);
    repo.git('pull', '-q');
    const path = repo.at('feat/a');
    expect(() => repo.gitIn(path, 'rebase', 'main')).toThrow();
    repo.gitIn(repo.at('feat/b'), 'checkout', '-q', '--detach');
    const all = await sync(repo, '-a', '-n');
    expect(all.answers.map(({ worktree_path, status, reason }) => [worktree_path, status, reason])).toEqual([
      [path, 'skipped', 'dirty'],
      [repo.at('feat/b'), 'skipped', 'detached'],
    ]);
    for (const command of [['sync', '--no-fetch'], ['merge']]) {
      const ran = await wt(repo.path, repo.env, [...command, 'feat/a']);
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([
        4,
        '',
        `feat/a is a detached HEAD in ${path}\nerror: a rebase is in progress in ${path}\n` +
          `hint: git -C ${path} rebase --continue or --abort first\n`,
      ]);
    }
  });

  it('fetches from a remote that is named by a relative path, and says once that one is gone', async () => {
    const repo = syncScene(['feat/a', { a: 'a\n' }], ['feat/b', { b: 'b\n' }]);
    repo.git('remote', 'set-url', 'origin', '../origin.git');
    const { only } = await sync(repo, 'feat/a');
    expect(only).toMatchObject({ status: 'merged', source: 'origin/main', warnings: [] });
    repo.git('remote', 'set-url', 'origin', '../gone.git');
    const { stdout } = await wt(repo.path, repo.env, ['sync', '-a']);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'feat/a has everything of origin/main already',
      expect.stringMatching(/^feat\/b has origin\/main now, /),
      "warning: origin could not be fetched, and what is known of it was taken: '../gone.git' does not appear to be a git repository",
    ]);
  });

  it('goes on with what is known when the remote is gone, and takes the base where both have gone on', async () => {
    const repo = syncScene(['feat/a', { a: 'a\n' }]);
    await sync(repo, 'feat/a');
    repo.commit('here', { here: 'here\n' });
    repo.git('remote', 'set-url', 'origin', join(repo.root, 'nowhere'));
    const { code, only } = await sync(repo, 'feat/a');
    expect(code).toBe(0);
    expect(only).toMatchObject({ status: 'merged', source: 'main' });
    expect(only.warnings.map(({ code: each }) => each)).toEqual(['fetch_failed', 'base_diverged']);
    expect(repo.git('show', 'feat/a:here')).toBe('here');
  });

  it('rebases what was not pushed, keeping what is uncommitted elsewhere, and names the commit that conflicts', async () => {
    const repo = syncScene(['feat/a', { f: lines(9, 'mine') }], ['feat/b', { f: lines(3, 'mine') }]);
    const a = repo.at('feat/a');
    repo.commit('more', { more: 'more\n' }, a);
    writeFileSync(join(a, 'notes'), 'notes\n');
    writeFileSync(join(a, 'more'), 'edited\n');
    const dry = await sync(repo, 'feat/a', '--strategy', 'rebase', '-n');
    expect(dry.only.status).toBe('up-to-date');
    const { code, only } = await sync(repo, 'feat/a', '--strategy', 'rebase');
    expect(code).toBe(0);
    expect(only).toMatchObject({ status: 'merged', strategy: 'rebase', source: 'origin/main' });
    expect(repo.git('log', '--format=%s', 'origin/main..feat/a')).toBe('more\nfeat/a');
    expect(repo.git('merge-base', 'feat/a', 'origin/main')).toBe(repo.git('rev-parse', 'origin/main'));
    expect(repo.gitIn(a, 'status', '--porcelain')).toBe(' M more\n?? notes');
    expect(readFileSync(join(a, 'f'), 'utf8')).toBe(lines(9, 'mine').replace('3\n', 'theirs\n'));
    expect(repo.gitIn(a, 'log', '-g', '-1', '--format=%gs', 'HEAD')).toContain('wt sync: origin/main');

    const before = repo.git('rev-parse', 'feat/b');
    const stuck = await sync(repo, 'feat/b', '--strategy', 'rebase');
    expect(stuck.code).toBe(3);
    expect(stuck.only).toMatchObject({
      status: 'conflicts',
      strategy: 'rebase',
      conflicts: [{ path: 'f', kind: 'content' }],
      warnings: [{ code: 'replay_stopped' }],
    });
    expect(repo.git('rev-parse', 'feat/b')).toBe(before);
    const nothing = await wt(repo.path, repo.env, ['undo', '--json']);
    expect(nothing.code).toBe(5); // a sync is no landing
  });

  it('says when a rebase leaves out what was changed in a merge', async () => {
    const repo = syncScene(['feat/a', { a: 'a\n' }]);
    const a = repo.at('feat/a');
    repo.commit('here', { here: 'here\n' });
    repo.gitIn(a, 'merge', '-q', '--no-commit', 'main');
    repo.commit('Merge main', { 'only-there': 'x\n' }, a);
    const before = repo.git('rev-parse', 'feat/a');
    repo.commit('here too', { 'here-too': 'here\n' });
    const { only } = await sync(repo, 'feat/a', '--strategy', 'rebase', '--no-fetch');
    expect(only).toMatchObject({ status: 'merged', strategy: 'rebase' });
    expect(only.warnings).toEqual([
      { code: 'merges_left_out', message: expect.stringContaining(`it was ${before.slice(0, 10)} before`) },
    ]);
  });

  it('rewrites nothing that was pushed, unless it is forced to', async () => {
    const repo = syncScene(['feat/a', { f: lines(9, 'mine') }]);
    repo.git('push', '-q', 'origin', 'feat/a');
    const before = repo.git('rev-parse', 'feat/a');
    const refused = await wt(repo.path, repo.env, ['sync', 'feat/a', '--strategy', 'rebase', '--json']);
    expect([refused.code, ErrorDocument.parse(refused.json()).error.code]).toEqual([4, 'already_pushed']);
    expect(repo.git('rev-parse', 'feat/a')).toBe(before);
    const forced = await sync(repo, 'feat/a', '--strategy', 'rebase', '--force-rewrite');
    expect(forced.only).toMatchObject({ status: 'merged', strategy: 'rebase' });
  });
});
