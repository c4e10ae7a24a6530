import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { afterEveryTest } from '../support/after.ts';
import { wt } from '../support/bin.ts';
import { remains, removalScene } from '../support/removals.ts';
import { type TestRepo, temporaryFolder } from '../support/repo.ts';

const undone: (() => void)[] = [];
afterEveryTest(() => {
  for (const each of undone.splice(0)) each();
});

/** Runs what only root may, and leaves the test out where that is not permitted. */
function asRoot({ skip }: TestContext, command: readonly [string, ...string[]], after: readonly string[]) {
  const [program, ...args] = command;
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) skip(`${command.join(' ')} is not permitted here: ${stderr ?? ''}`);
  const [undo = '', ...words] = after;
  undone.push(() => spawnSync(undo, words));
}

const mount = (context: TestContext, words: readonly string[], folder: string) => {
  mkdirSync(folder, { recursive: true });
  asRoot(context, ['mount', ...words, folder], ['umount', '-l', folder]);
};

const entryOf = (repo: TestRepo) => join(repo.path, '.git/wt/trash', remains(repo).trash[0] ?? '');
const empty = (repo: TestRepo) => wt(repo.path, repo.env, ['trash', 'empty', '-f']);

describe('a removed worktree', () => {
  it('stays whole while there is no space to save it to, and comes back', async (context) => {
    const { repo, add, cleanup, undo } = removalScene();
    const path = add('feat/x');
    const bytes = randomBytes(3_000_000);
    writeFileSync(join(path, 'big'), bytes);
    await cleanup({ worktree: ['feat/x'], force: true });
    const objects = temporaryFolder();
    mount(context, ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs'], objects);
    spawnSync('cp', ['-a', `${join(repo.path, '.git/objects')}/.`, objects]);
    mount(context, ['--bind', objects], join(repo.path, '.git/objects'));
    const ran = await empty(repo);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(/No space left on device/);
    expect(remains(repo).intents).toEqual([]);
    expect(repo.git('for-each-ref', 'refs/wt/attic')).toBe('');
    expect(existsSync(join(entryOf(repo), 'worktree/big'))).toBe(true);
    await undo();
    expect(readFileSync(join(path, 'big')).equals(bytes)).toBe(true);
  });

  it('with a file system mounted inside goes without what is mounted', async (context) => {
    const { repo, add, cleanup } = removalScene();
    const path = add('feat/x');
    const outside = join(repo.root, 'outside');
    mkdirSync(join(outside, 'deep'), { recursive: true });
    writeFileSync(join(outside, 'deep/precious'), 'x');
    mount(context, ['--bind', outside], join(path, 'build/mounted'));
    await cleanup({ worktree: ['feat/x'], force: true });
    const mounted = join(entryOf(repo), 'worktree/build/mounted');
    undone.push(() => spawnSync('umount', ['-l', mounted]));
    const ran = await empty(repo);
    expect(ran.stderr).toContain('worktree/build/mounted cannot be deleted (EBUSY)');
    expect(readFileSync(join(outside, 'deep/precious'), 'utf8')).toBe('x');
    spawnSync('umount', ['-l', join(repo.path, '.git/wt/trash/expired', mounted.split('/trash/')[1] ?? '')]);
    expect((await empty(repo)).stderr).toBe('');
    expect(remains(repo).trash).toEqual([]);
    expect(readdirSync(outside)).toEqual(['deep']);
  });

  it('with a file that may not be deleted says which, and goes when it may be', async (context) => {
    const { repo, add, cleanup } = removalScene();
    const path = add('feat/x');
    const file = join(path, 'fixed');
    writeFileSync(file, 'x');
    const id = 'trash';
    asRoot(context, ['chattr', '+i', file], ['chattr', '-R', '-i', join(repo.path, '.git/wt', id)]);
    await cleanup({ worktree: ['feat/x'], force: true });
    expect((await empty(repo)).stderr).toContain('worktree/fixed cannot be deleted (EPERM)');
    const expired = join(repo.path, '.git/wt/trash/expired');
    spawnSync('chattr', ['-R', '-i', expired]);
    expect((await empty(repo)).stderr).toBe('');
    expect(existsSync(expired)).toBe(false);
  });

  it('of a file system that went away is back when that is', async (context) => {
    const { repo, add, cleanup, undo } = removalScene();
    const disk = join(repo.root, 'disk');
    const kept = temporaryFolder();
    mount(context, ['-t', 'tmpfs', 'tmpfs'], kept);
    mount(context, ['--bind', kept], disk);
    const path = add('feat/x', { path: join(disk, 'x') });
    writeFileSync(join(path, 'new'), 'x');
    spawnSync('umount', [disk]);
    await cleanup({ worktree: ['feat/x'] });
    spawnSync('mount', ['--bind', kept, disk]);
    // Its name has been given to another one meanwhile.
    add('feat/y', { path: join(repo.root, 'elsewhere/x') });
    await undo();
    expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe('## feat/x\n?? new');
  });
});
