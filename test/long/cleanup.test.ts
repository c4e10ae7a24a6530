import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wt, wtBin } from '../support/bin.ts';
import { removalScene } from '../support/removals.ts';

describe('wt cleanup', () => {
  it('refuses the worktree it is started in, whatever the flags, and not one that -C names', async () => {
    const { repo, add } = removalScene();
    const path = add('feat/x');
    const inside = await wt(path, repo.env, ['cleanup', '--force', '--json']);
    expect([inside.code, inside.json()]).toMatchObject([4, { error: { code: 'current_worktree' } }]);
    const byParent = spawnSync(
      'sh',
      ['-c', `"$0" "$1" -C '${repo.path}' cleanup feat/x --json; :`, process.execPath, wtBin],
      {
        cwd: path,
        env: repo.env,
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(byParent.stdout)).toMatchObject({ error: { code: 'current_worktree' } });
    // No shell stands there, so nobody is left in a folder that is gone.
    const named = await wt(repo.root, repo.env, ['-C', path, 'cleanup', '--json']);
    expect([named.code, named.json()]).toMatchObject([0, { removed: true }]);
  });

  it('reads the variables of the shell function only where that shell itself started it', async () => {
    const { repo, add } = removalScene();
    const path = add('feat/x');
    const file = join(repo.home, 'cd');
    writeFileSync(file, '');
    const inherited = { ...repo.env, WT_CD_FILE: file, WT_CD_SHELL: '1' };
    const ran = await wt(path, inherited, ['cleanup', '--json']);
    expect(ran.json()).toMatchObject({ error: { code: 'current_worktree' } });
    const own = { ...inherited, WT_CD_SHELL: `${process.pid}` };
    expect((await wt(path, own, ['cleanup', '--json'])).json()).toMatchObject({ removed: true });
    expect(execFileSync('cat', [file], { encoding: 'utf8' })).toBe(repo.path);
  });

  it('works in a bare hub', async () => {
    const { repo } = removalScene();
    const hub = join(repo.root, 'prover.git');
    repo.gitIn(repo.root, 'clone', '-q', '--bare', repo.path, hub);
    expect((await wt(hub, repo.env, ['create', 'feat/x', '--no-provision'])).code).toBe(0);
    const path = join(repo.root, 'prover-wt/feat/x');
    expect((await wt(hub, repo.env, ['cleanup', '--json'])).json()).toEqual([]);
    expect((await wt(hub, repo.env, ['cleanup', 'feat/x', '--json'])).json()).toMatchObject({
      removed: true,
      branch_deleted: true,
    });
    expect(existsSync(join(repo.root, 'prover-wt'))).toBe(false);
    expect((await wt(hub, repo.env, ['undo'])).code).toBe(0);
    expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe('## feat/x');
  });
});
