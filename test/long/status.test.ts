import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ListAnswer } from '../../src/domain/answers/status.ts';
import { wt } from '../support/bin.ts';
import { makeRepo } from '../support/repo.ts';
import { add, codes, named, rowsOf, status } from '../support/statuses.ts';

describe('wt status', () => {
  it('does not answer from memory when something else decides now', async () => {
    const repo = makeRepo();
    repo.commit('file', { 'log.txt': 'one\n' });
    repo.commit('theirs', { 'log.txt': 'one\ntheirs\n' }, add(repo, 'work'));
    repo.commit('ours', { 'log.txt': 'one\nours\n' });
    const conflicts = async () => named(await status(repo), 'work').merge_conflicts;
    expect(await conflicts()).toBe(true);
    expect(await conflicts()).toBe(true);
    writeFileSync(join(repo.path, '.gitattributes'), 'log.txt merge=union\n');
    expect(await conflicts()).toBe(false);
    rmSync(join(repo.path, '.gitattributes'));
    expect(await conflicts()).toBe(true);
    const memory = join(repo.path, '.git', 'wt', 'cache', 'compared.json');
    writeFileSync(memory, '[1, ["judg');
    expect(await conflicts()).toBe(true);
    repo.git('reset', '-q', '--hard', 'HEAD~1');
    expect(await conflicts()).toBe(false);
  });

  it('works from a linked worktree, a folder in it, a bare hub and a submodule, with GIT_DIR set', async () => {
    const repo = makeRepo();
    const linked = add(repo, 'linked');
    mkdirSync(join(linked, 'deep'));
    const env = { ...repo.env, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' };
    for (const cwd of [linked, join(linked, 'deep')]) {
      expect((await status({ ...repo, env }, [], cwd)).map(({ branch }) => branch)).toEqual([
        'main',
        'linked',
      ]);
      expect((await wt(cwd, repo.env, ['status'])).stdout).toMatch(/^@ linked /m);
    }
    repo.git('clone', '-q', '--bare', repo.path, join(repo.root, 'hub.git'));
    const bare = { ...repo, path: join(repo.root, 'hub.git') };
    expect(await status(bare)).toEqual([]);
    repo.gitIn(bare.path, 'worktree', 'add', '-q', '-b', 'work', join(repo.root, 'hub-wt', 'work'), 'main');
    expect(await status(bare)).toMatchObject([{ branch: 'work', is_main: false, base: 'main' }]);
    expect(await status(bare, [], join(repo.root, 'hub-wt', 'work'))).toHaveLength(1);

    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.path, 'sub');
    const sub = join(repo.path, 'sub');
    repo.gitIn(sub, 'worktree', 'add', '-q', '-b', 'in-sub', join(repo.root, 'sub-wt'));
    expect((await status(repo, [], sub)).map(({ path }) => path)).toEqual([sub, join(repo.root, 'sub-wt')]);
  });

  it('shows paths that are not UTF-8, and one that holds a newline', async () => {
    const repo = makeRepo();
    const odd = Buffer.concat([Buffer.from(`${repo.root}/`), Buffer.from([0x63, 0x61, 0x66, 0xe9])]);
    repo.git('worktree', 'add', '-q', '-b', 'plain', join(repo.root, 'plain'));
    repo.git('worktree', 'add', '-q', '-b', 'newline', join(repo.root, 'new\nline'));
    renameSync(join(repo.root, 'plain'), odd);
    writeFileSync(
      join(repo.path, '.git', 'worktrees', 'plain', 'gitdir'),
      Buffer.concat([odd, Buffer.from('/.git\n')]),
    );
    const rows = await status(repo);
    expect(rows.map(({ path }) => path)).toEqual([
      repo.path,
      join(repo.root, 'caf\\xE9'),
      join(repo.root, 'new\nline'),
    ]);
    for (const name of ['newline', 'plain'])
      expect(named(rows, name)).toMatchObject({ uncommitted_changes: false, ahead: 0, warnings: [] });
    expect((await wt(repo.path, repo.env, ['status'])).stdout).not.toContain('new\nline');
  });

  it('says that work is in the upstream of the base, which the local branch does not have yet', async () => {
    const repo = makeRepo();
    const origin = join(repo.root, 'origin.git');
    repo.git('init', '-q', '--bare', origin);
    repo.git('remote', 'add', 'origin', origin);
    for (const name of ['squashed', 'reverted', 'open'])
      repo.commit(name, { [`${name}.txt`]: `${name}\n` }, add(repo, name));
    repo.git('push', '-q', '-u', 'origin', 'main');
    repo.git('switch', '-q', '-c', 'there');
    for (const name of ['squashed', 'reverted']) {
      repo.git('merge', '-q', '--squash', name);
      repo.git('commit', '-q', '-m', `${name} (#1)`);
    }
    repo.git('revert', '--no-edit', 'HEAD');
    repo.commit('more', { 'squashed.txt': 'squashed\nand edited\n' });
    repo.git('push', '-q', 'origin', 'there:main');
    repo.git('switch', '-q', 'main');
    const rows = await status(repo);
    expect(named(rows, 'squashed')).toMatchObject({
      integrated: null,
      integrated_upstream: 'patch_id',
      state: 'ready',
      ahead: 1,
    });
    expect(named(rows, 'open')).toMatchObject({ integrated: null, integrated_upstream: null, warnings: [] });
    expect(named(rows, 'reverted')).toMatchObject({ integrated: null, integrated_upstream: null });
    expect(named(rows, 'reverted').warnings).toMatchObject([
      { code: 'landing_reverted', message: expect.stringContaining('the upstream of main') },
    ]);
    const again = await status(repo);
    expect(again).toEqual(rows); // as remembered
    const seen = await wt(repo.path, repo.env, ['status']);
    expect(seen.stdout).toContain('its work is in the upstream of main already');
  });

  it('infers the base from an upstream, and says when there is none or it is gone', async () => {
    const repo = makeRepo();
    repo.git('branch', 'release');
    const tracking = add(repo, 'tracking', 'release');
    repo.gitIn(tracking, 'branch', '--set-upstream-to=release');
    const ran = await wt(repo.path, repo.env, [
      'create',
      'recorded',
      '--base',
      'release',
      '--no-provision',
      '--json',
    ]);
    expect(ran.code).toBe(0);
    const before = await status(repo);
    expect(named(before, 'tracking')).toMatchObject({ base: 'release', base_source: 'inferred' });
    expect(named(before, 'recorded')).toMatchObject({
      base: 'release',
      base_source: 'recorded',
      base_sha: repo.git('rev-parse', 'release'),
      provisioned: false,
      needs: { kind: 'unprovisioned', command: 'wt provision recorded' },
      empty: true,
      warnings: [],
    });
    repo.git('branch', '-q', '-D', 'release');
    repo.git('branch', '-m', 'main', 'trunk');
    const after = await status(repo);
    expect(named(after, 'recorded')).toMatchObject({ base: 'release', ahead: null, merge_conflicts: null });
    expect(codes(named(after, 'recorded'))).toEqual(['base_gone']);
    expect(codes(named(after, 'tracking'))).toEqual(['base_unknown']);
  });
});

describe('wt list', () => {
  it('works in a repository that cannot be written to', async () => {
    const repo = makeRepo();
    add(repo, 'feat/a');
    const gitDir = join(repo.path, '.git');
    chmodSync(gitDir, 0o555);
    try {
      expect(await rowsOf(repo, ListAnswer, ['list'])).toHaveLength(2);
    } finally {
      chmodSync(gitDir, 0o755);
    }
  });
});
