import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { wt } from '../support/bin.ts';
import { lines, sync, syncScene } from '../support/syncs.ts';

describe('wt sync', () => {
  it('fetches, brings what is upstream into the branch, and leaves other changes there alone', async () => {
    const repo = syncScene(['feat/a', { f: lines(9, 'mine') }]);
    writeFileSync(join(repo.at('feat/a'), 'notes'), 'notes\n');
    const before = repo.git('rev-parse', 'feat/a');
    const known = repo.git('rev-parse', 'origin/main');
    const dry = await sync(repo, 'feat/a', '-n');
    expect(dry.only).toMatchObject({ status: 'up-to-date', source: 'main' }); // as far as is known
    expect(repo.git('rev-parse', 'origin/main')).toBe(known);

    const { code, only } = await sync(repo, 'feat/a');
    expect(code).toBe(0);
    expect(only).toMatchObject({
      status: 'merged',
      strategy: 'merge',
      source: 'origin/main',
      target: 'feat/a',
      branch: 'feat/a',
      target_before: before,
      warnings: [],
    });
    expect(repo.git('log', '-1', '--format=%s|%P', 'feat/a')).toBe(
      `Merge remote-tracking branch 'origin/main' into feat/a|${before} ${repo.git('rev-parse', 'origin/main')}`,
    );
    expect(readFileSync(join(repo.at('feat/a'), 'f'), 'utf8')).toBe(
      lines(9, 'mine').replace('3\n', 'theirs\n'),
    );
    expect(repo.gitIn(repo.at('feat/a'), 'status', '--porcelain')).toBe('?? notes');
    expect(repo.git('rev-parse', 'main')).toBe(known);
    const again = await sync(repo, 'feat/a');
    expect(again.only.status).toBe('up-to-date');
    const { stdout } = await wt(repo.path, repo.env, ['sync', 'feat/a']);
    expect(stdout).toBe('feat/a has everything of origin/main already\n');
  });

  it('changes nothing where that conflicts, and begins the merge when it is asked to', async () => {
    const repo = syncScene(['feat/a', { f: lines(3, 'mine') }]);
    const a = repo.at('feat/a');
    const stopped = await sync(repo, 'feat/a');
    expect(stopped.code).toBe(3);
    expect(stopped.only).toMatchObject({
      status: 'conflicts',
      conflicts: [{ path: 'f', kind: 'content' }],
      left_in_progress: false,
    });
    expect(repo.gitIn(a, 'status', '--porcelain')).toBe('');
    const text = await wt(repo.path, repo.env, ['sync', 'feat/a']);
    const short = (revision: string) => repo.git('rev-parse', revision).slice(0, 8);
    expect(text.stdout.split('\n')).toEqual([
      'origin/main conflicts with feat/a; nothing was changed',
      '  f: both changed the same lines',
      `    feat/a: ${short('feat/a')} feat/a (Ada)`,
      `    origin/main: ${short('origin/main')} from elsewhere (Ada)`,
      '  next: wt sync feat/a --leave-conflicts begins the merge there',
      '',
    ]);
    const left = await sync(repo, 'feat/a', '--leave-conflicts');
    expect(left.code).toBe(3);
    expect(left.only).toMatchObject({ status: 'conflicts', left_in_progress: true });
    expect(readFileSync(join(a, 'f'), 'utf8')).toContain('<<<<<<<');
    const refused = await wt(repo.path, repo.env, ['sync', 'feat/a', '--json']);
    expect([refused.code, ErrorDocument.parse(refused.json()).error.code]).toEqual([
      4,
      'operation_in_progress',
    ]);
    writeFileSync(join(a, 'f'), lines(3, 'both'));
    repo.gitIn(a, 'commit', '-q', '-a', '--no-edit');
    expect(repo.gitIn(a, 'log', '-1', '--format=%s')).toBe(
      "Merge remote-tracking branch 'origin/main' into feat/a",
    );
    expect((await sync(repo, 'feat/a')).only.status).toBe('up-to-date');
  });

  it.each([
    [['sync', '-a', 'feat/a'], 2, 'usage'],
    [['sync', '^'], 4, 'main_worktree'],
    [['sync', 'nowhere'], 5, 'worktree_not_found'],
    [['sync', 'feat/a', '--strategy', 'rebase', '--leave-conflicts'], 2, 'usage'],
  ])('refuses %j with %i', async (args, code, name) => {
    const repo = syncScene(['feat/a', { a: 'a\n' }]);
    const ran = await wt(repo.path, repo.env, [...args, '--json']);
    expect([ran.code, ErrorDocument.parse(ran.json()).error.code]).toEqual([code, name]);
  });
});
