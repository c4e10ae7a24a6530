import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { effectsOf, wtKilledAt } from '../support/crashes.ts';
import { clutter, nothingLeft, remains, removalScene, whole } from '../support/removals.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

const full = process.env.WT_TEST_FULL === '1';

const mounts: string[] = [];
const mountAt = (folder: string, ...options: string[]) => {
  execFileSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', folder], { stdio: 'ignore' });
  mounts.push(folder);
};
const unmount = () => {
  for (const folder of mounts.splice(0).reverse())
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
};
afterEach(unmount);

/** Only root may mount, and not in every container. */
const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'wt-mount-'));
  try {
    mountAt(folder);
    return true;
  } catch {
    return false;
  } finally {
    unmount();
    rmdirSync(folder);
  }
})();

const fill = (disk: string) => {
  try {
    for (let size = 1 << 20; size >= 1; size >>= 2)
      for (let count = 0; count < 64; count++)
        writeFileSync(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
  } catch {
    // full
  }
};

if (canMount) {
  describe('a worktree on another file system', () => {
    it('goes to a trash beside the worktrees there, and comes back', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const top = join(repo.root, 'jerry-wt');
      mkdirSync(top);
      mountAt(top);
      const path = scene.add('feat/x');
      clutter(repo, path);
      const before = whole(repo, path);
      const [answer] = await scene.cleanup({ worktree: ['feat/x'], force: true });
      expect(existsSync(join(top, '.wt-trash', answer?.trash ?? '', 'worktree/.env'))).toBe(true);
      expect(statSync(join(top, '.wt-trash')).mode & 0o777).toBe(0o700);
      expect(readdirSync(top)).toEqual(['.wt-trash']);
      await scene.undo();
      expect(whole(repo, path)).toEqual(before);
      expect(readdirSync(top)).toEqual(['feat']);
      expect(remains(repo)).toMatchObject(nothingLeft);
    });

    it('that has its own mount elsewhere goes to a trash in the folder that holds it', async () => {
      const scene = removalScene();
      const place = join(scene.repo.root, 'stick');
      mkdirSync(place);
      mountAt(place);
      const path = scene.add('feat/x', { path: join(place, 'x') });
      await scene.cleanup({ worktree: ['feat/x'] });
      expect(readdirSync(place)).toEqual(['.wt-trash']);
      await scene.undo();
      expect(scene.repo.gitIn(path, 'status', '--porcelain')).toBe('');
    });

    it('cannot come back while that is not mounted, and is not forgotten', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const origin = join(repo.root, 'origin');
      const place = join(repo.root, 'stick');
      for (const folder of [origin, place]) mkdirSync(folder);
      const bind = () => {
        execFileSync('mount', ['--bind', origin, place]);
        mounts.push(place);
      };
      bind();
      const path = scene.add('feat/x', { path: join(place, 'x') });
      await scene.cleanup({ worktree: ['feat/x'] });
      unmount();
      await expect(scene.undo()).rejects.toMatchObject({
        code: 'nothing_to_undo',
        message: expect.stringContaining('is its disk mounted?'),
      });
      bind();
      await scene.undo();
      expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
    });

    it('is found out to be one also where a mount has the number of the same device', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const place = join(repo.root, 'bound');
      mkdirSync(join(repo.root, 'origin'));
      mkdirSync(place);
      execFileSync('mount', ['--bind', join(repo.root, 'origin'), place]);
      mounts.push(place);
      const path = scene.add('feat/x', { path: join(place, 'x') });
      await scene.cleanup({ worktree: ['feat/x'] });
      expect(readdirSync(place)).toEqual(['.wt-trash']);
      await scene.undo();
      expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
      expect(readdirSync(place)).toEqual(['x']);
    });

    it('that is mounted at the very path goes to the attic, and leaves an empty mount point', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const path = join(repo.root, 'mounted');
      mkdirSync(path);
      mountAt(path);
      scene.add('feat/x', { path, work: 'a.txt' });
      writeFileSync(join(path, 'staged'), 'staged');
      repo.gitIn(path, 'add', '.');
      writeFileSync(join(path, 'new'), 'new');
      const [answer] = await scene.cleanup({ worktree: ['feat/x'], force: true });
      expect(answer).toMatchObject({ removed: true, trash: null, warnings: [{ code: 'kept_in_attic' }] });
      expect(readdirSync(path)).toEqual([]);
      const { refs, ...rest } = remains(repo);
      expect(rest).toEqual({ registrations: [], intents: [], trash: [] });
      expect(refs).toEqual([expect.stringContaining('refs/wt/attic/feat/x/')]);
      expect(repo.git('show', `${refs[0]}:new`)).toBe('new');
      expect(repo.git('show', `${refs[0]}^2:staged`)).toBe('staged');
      expect((await scene.trash('list'))[0]).toMatchObject({ kind: 'attic', worktree_path: path });
    });

    it('of which that shows only when it is moved goes there too, with the branch that wt made', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const path = join(repo.root, 'bound');
      mkdirSync(join(repo.root, 'origin'));
      mkdirSync(path);
      execFileSync('mount', ['--bind', join(repo.root, 'origin'), path]);
      mounts.push(path);
      scene.add('feat/x', { path, work: 'a.txt' });
      const tip = repo.git('rev-parse', 'feat/x');
      repo.commit('landed as another commit', { 'a.txt': 'a.txt\n' });
      const [answer] = await scene.cleanup({ worktree: ['feat/x'] });
      expect(answer).toMatchObject({ removed: true, branch_deleted: true, trash: null });
      const { refs, ...rest } = remains(repo);
      expect(rest).toEqual({ registrations: [], intents: [], trash: [] });
      expect(repo.git('rev-list', ...refs).split('\n')).toContain(tip);
    });

    it('that cannot be moved is refused where a file would be in no ref, and is as it was', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const path = join(repo.root, 'mounted');
      mkdirSync(path);
      mountAt(path);
      scene.add('feat/x', { path });
      writeFileSync(join(repo.path, '.git/info/exclude'), '.env\n');
      writeFileSync(join(path, '.env'), 'SECRET=1\n');
      const before = whole(repo, path);
      await expect(scene.cleanup({ worktree: ['feat/x'], force: true })).rejects.toMatchObject({
        code: 'cannot_save',
        kind: 'refused',
        message: expect.stringContaining('no ref could hold its ignored files: .env'),
        hint: expect.stringContaining('clean -ndX'),
      });
      expect(whole(repo, path)).toEqual(before);
      expect(remains(repo)).toMatchObject(nothingLeft);
    });

    it('whose removal into the attic is killed is removed by the next command, or as it was', async () => {
      const scene = removalScene();
      const { repo } = scene;
      const path = join(repo.root, 'mounted');
      mkdirSync(path);
      mountAt(path);
      const removal = ['cleanup', 'feat/x', '--force'];
      const text = 'only here';
      const prepare = () => {
        scene.add('feat/x', { path });
        writeFileSync(join(path, 'new'), text);
        return whole(repo, path);
      };
      prepare();
      await scene.hub();
      const { ran, effects } = await effectsOf(repo, removal);
      expect(ran.code).toBe(0);
      const outcomes = new Set<string>();
      const wanted = full
        ? effects.map((_, index) => index + 1)
        : [/^spawn git .* add --all/, /^rm .*\/mounted\/\.git$/].map(
            (pattern) => effects.findIndex((effect) => pattern.test(effect)) + 1,
          );
      expect(wanted).not.toContain(0);
      for (const effect of wanted) {
        const { refs } = remains(repo);
        for (const ref of refs) repo.git('update-ref', '-d', ref);
        repo.git('update-ref', '-d', 'refs/heads/feat/x');
        const before = prepare();
        await wtKilledAt(repo, removal, 'after', effect);
        const told = await wt(repo.path, repo.env, ['status']);
        expect([effects[effect - 1], told.code]).toEqual([effects[effect - 1], 0]);
        const left = remains(repo);
        expect(left.intents.filter((name) => name.endsWith('.json'))).toEqual([]);
        if (existsSync(join(path, '.git'))) {
          outcomes.add('there');
          expect([effects[effect - 1], whole(repo, path)]).toEqual([effects[effect - 1], before]);
          await wt(repo.path, repo.env, removal);
        } else outcomes.add('removed');
        const [ref] = remains(repo).refs;
        expect([effects[effect - 1], repo.git('show', `${ref}:new`)]).toEqual([effects[effect - 1], text]);
        expect(remains(repo)).toMatchObject({ registrations: [], refs: [ref] });
      }
      expect([...outcomes].sort()).toEqual(['removed', 'there']);
    }, 600_000);
  });

  describe('a full disk', () => {
    it('keeps a removal from beginning', async () => {
      const disk = temporaryFolder();
      mountAt(disk, '-o', 'size=3m');
      const repo = makeRepo();
      execFileSync('cp', ['-a', repo.path, join(disk, 'jerry')]);
      const there = { ...repo, path: join(disk, 'jerry'), root: disk };
      const moved = {
        ...there,
        git: (...args: string[]) => repo.gitIn(there.path, ...args),
      };
      const scene = removalScene(moved);
      const path = scene.add('feat/x');
      const before = whole(moved, path);
      await scene.hub();
      fill(disk);
      await expect(scene.cleanup({ worktree: ['feat/x'] })).rejects.toMatchObject({ kind: 'failed' });
      rmSync(join(disk, 'filler'));
      expect(whole(moved, path)).toEqual(before);
      const [answer] = await scene.cleanup({ worktree: ['feat/x'] });
      expect(answer?.removed).toBe(true);
      expect(remains(moved)).toMatchObject({ intents: [], trash: [answer?.trash] });
    });

    it('while work is saved to the attic removes nothing', async () => {
      const disk = temporaryFolder();
      mountAt(disk, '-o', 'size=4m');
      const repo = makeRepo();
      execFileSync('cp', ['-a', repo.path, join(disk, 'jerry')]);
      const moved = {
        ...repo,
        path: join(disk, 'jerry'),
        root: disk,
        git: (...args: string[]) => repo.gitIn(join(disk, 'jerry'), ...args),
      };
      const scene = removalScene(moved);
      const path = scene.add('feat/x');
      const bytes = randomBytes(600_000);
      writeFileSync(join(path, 'precious'), bytes);
      const [answer] = await scene.cleanup({ worktree: ['feat/x'], force: true });
      fill(disk);
      truncateSync(join(disk, 'filler'), statSync(join(disk, 'filler')).size - 200_000);
      const [full] = await scene.trash('empty', { force: true });
      expect([full?.state, full?.error?.code]).toEqual([
        'held',
        expect.stringMatching(/git_failed|command_failed/),
      ]);
      const kept = join(moved.path, '.git/wt/trash', answer?.trash ?? '', 'worktree/precious');
      expect(readFileSync(kept).equals(bytes)).toBe(true);
      expect(moved.git('for-each-ref', 'refs/wt/attic')).toBe('');
      rmSync(join(disk, 'filler'));
      await scene.undo();
      expect(readFileSync(join(path, 'precious')).equals(bytes)).toBe(true);
    });
  });
}
