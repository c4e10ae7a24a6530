import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { start } from '../support/children.ts';
import {
  clutter,
  gitDirOf,
  nothingLeft,
  type RemovalScene,
  remains,
  removalScene,
} from '../support/removals.ts';
import type { TestRepo } from '../support/repo.ts';

const full = process.env.WT_TEST_FULL === '1';
const dayMs = 24 * 60 * 60 * 1000;
const inDays = (days: number) => ({ now: new Date(Date.now() + days * dayMs) });

/** Every object that a ref leads to, after all that is not led to has gone. */
function reachable(repo: TestRepo): Set<string> {
  const rows = repo.git('rev-list', '--objects', '--all', '--no-object-names');
  return new Set(rows.split('\n'));
}

const blobOf = (repo: TestRepo, text: string) =>
  execFileSync('git', ['hash-object', '--stdin'], { cwd: repo.path, input: text, encoding: 'utf8' }).trim();

const dropBranch = (repo: TestRepo, name: string) => repo.git('update-ref', '-d', `refs/heads/${name}`);

/** Removes, waits until the time is over, and gives the ref in which it was kept. */
async function expire(scene: RemovalScene, path: string): Promise<string | undefined> {
  await scene.cleanup({ worktree: [path], force: true });
  await scene.tidy(inDays(8));
  const [kept] = scene.repo.git('for-each-ref', '--format=%(refname)', 'refs/wt/attic').split('\n');
  return kept === '' ? undefined : kept;
}

describe('an expired entry', () => {
  it('keeps commits, index and every file that git does not ignore in the attic, and is gone', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    clutter(repo, path);
    const head = repo.gitIn(path, 'rev-parse', 'HEAD');
    const [removed] = await scene.cleanup({ worktree: [path], force: true });
    repo.git('branch', '-D', 'feat/x');
    await scene.tidy(inDays(6));
    expect(remains(repo).trash).toEqual([removed?.trash]);
    await scene.tidy(inDays(8));
    const { refs, ...rest } = remains(repo);
    expect(rest).toMatchObject({ trash: [], intents: [], registrations: [] });
    const [ref = ''] = refs;
    expect(refs).toEqual([expect.stringMatching(/^refs\/wt\/attic\/feat\/x\/\d{8}T\d{6}Z$/)]);
    repo.git('reflog', 'expire', '--expire=now', '--all');
    repo.git('gc', '-q', '--prune=now');
    expect(repo.git('rev-parse', `${ref}^1`)).toBe(head);
    expect(repo.git('show', `${ref}:staged.txt`)).toBe('changed since');
    expect(repo.git('show', `${ref}^2:staged.txt`)).toBe('only in the index');
    expect(repo.git('show', `${ref}:with\nnewline`)).toBe('x');
    expect(repo.git('ls-tree', '-r', '--name-only', ref).split('\n')).not.toContain('.env');
    await expect(scene.undo()).rejects.toMatchObject({ code: 'nothing_to_undo' });
  });

  it('comes back by the commands that are shown', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    writeFileSync(join(path, 'a.txt'), 'changed\n');
    writeFileSync(join(path, 'new.txt'), 'new\n');
    await expire(scene, path);
    const [kept] = await scene.trash('list');
    expect(kept).toMatchObject({ kind: 'attic', state: 'saved', branch: 'feat/x', worktree_path: path });
    for (const command of kept?.restore ?? [])
      execFileSync('sh', ['-c', command], { cwd: repo.path, env: repo.env, stdio: 'ignore' });
    expect(repo.gitIn(path, 'status', '--porcelain').split('\n')).toEqual([' M a.txt', '?? new.txt']);
    expect(repo.gitIn(path, 'branch', '--show-current')).toBe('feat/x');
    await expect(scene.trash('restore', { id: [kept?.id] })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('git worktree add'),
    });
  });

  it('needs no ref where branches lead to everything', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x', { work: 'a.txt' });
    expect(await expire(scene, path)).toBeUndefined();
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('keeps commits that only a reflog remembers', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    const lost = repo.commit('lost', { 'b.txt': 'b' }, path);
    repo.gitIn(path, 'reset', '-q', '--hard', 'HEAD~1');
    const ref = (await expire(scene, path)) ?? '';
    expect(repo.git('rev-list', ref).split('\n')).toContain(lost);
  });

  it('keeps changes that the index hides: assumed unchanged, and skipped though present', async () => {
    const scene = removalScene();
    const { repo } = scene;
    repo.commit('files', { one: '1', two: '2', three: '3' });
    const path = scene.add('feat/x');
    repo.gitIn(path, 'update-index', '--assume-unchanged', 'one');
    repo.gitIn(path, 'update-index', '--skip-worktree', 'two', 'three');
    for (const name of ['one', 'two']) writeFileSync(join(path, name), 'changed');
    rmSync(join(path, 'three'));
    const ref = (await expire(scene, path)) ?? '';
    expect(['one', 'two', 'three'].map((name) => repo.git('show', `${ref}:${name}`))).toEqual([
      'changed',
      'changed',
      '3',
    ]);
  });

  it('of a detached HEAD and of a branch without commits is kept too', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const detached = scene.add('a', { work: 'a.txt' });
    repo.gitIn(detached, 'checkout', '-q', '--detach');
    const commit = repo.commit('further', { b: 'b' }, detached);
    const unborn = scene.add('b');
    repo.gitIn(unborn, 'checkout', '-q', '--orphan', 'fresh');
    for (const path of [detached, unborn]) await scene.cleanup({ worktree: [path], force: true });
    await scene.tidy(inDays(8));
    const refs = repo.git('for-each-ref', '--format=%(refname)', 'refs/wt').split('\n');
    expect(refs).toEqual([
      expect.stringMatching(/attic\/detached-trash-\d{8}-001\//),
      expect.stringMatching(/attic\/fresh\//),
    ]);
    expect(repo.git('rev-parse', `${refs[0]}^1`)).toBe(commit);
    expect(repo.git('ls-tree', '--name-only', refs[1] ?? '')).toBe('README.md');
  });

  it('of the same branch and second has a ref of its own', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const now = new Date();
    for (const text of ['one', 'two']) {
      const path = scene.add('feat/x');
      writeFileSync(join(path, 'new'), text);
      await scene.cleanup({ worktree: [path], force: true }, { now });
      dropBranch(repo, 'feat/x');
    }
    await scene.tidy(inDays(8));
    const refs = repo.git('for-each-ref', '--format=%(refname)', 'refs/wt/attic').split('\n');
    expect(refs.map((ref) => repo.git('show', `${ref}:new`))).toEqual(['one', 'two']);
  });

  it(`leaves no blob behind, whatever was committed, staged and untracked`, {
    timeout: 300_000,
  }, async () => {
    const scene = removalScene();
    const { repo } = scene;
    let count = 0;
    const text = fc.string({ minLength: 1, maxLength: 8 }).map((each) => `${each} ${count++}`);
    const act = fc.record({
      kind: fc.constantFrom('write', 'stage', 'commit', 'delete', 'amend', 'reset', 'binary'),
      file: fc.constantFrom('a', 'dir/b', 'dir/c d', 'é', 'ignored/x', '-dash'),
      text,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 10 }), async (acts) => {
        const name = `w${count++}`;
        const path = scene.add(name);
        writeFileSync(join(path, '.gitignore'), 'ignored/\n');
        const blobs = new Set<string>();
        for (const { kind, file, text: content } of acts) {
          const place = join(path, file);
          if (kind === 'delete') rmSync(place, { force: true });
          else {
            mkdirSync(join(place, '..'), { recursive: true });
            writeFileSync(place, kind === 'binary' ? `${content}\0\r\n` : content);
          }
          if (kind === 'stage') repo.gitIn(path, 'add', '-A');
          if (kind === 'commit') repo.commit(`c${count}`, {}, path);
          if (kind === 'amend')
            repo.gitIn(path, 'commit', '-q', '-a', '--amend', '--allow-empty', '-m', 'amended');
          if (kind === 'reset') repo.gitIn(path, 'reset', '-q', '--soft', 'main');
        }
        const index = repo.gitIn(path, 'ls-files', '--stage').split('\n').filter(Boolean);
        for (const row of index) blobs.add(row.split(' ')[1] ?? '');
        const files = repo.gitIn(
          path,
          '-c',
          'core.quotePath=false',
          'ls-files',
          '-z',
          '--cached',
          '--others',
          '--exclude-standard',
        );
        for (const file of files.split('\0').filter(Boolean))
          if (existsSync(join(path, file))) blobs.add(blobOf(repo, readFileSync(join(path, file), 'latin1')));
        const commits = repo.gitIn(path, 'rev-list', '--walk-reflogs', 'HEAD').split('\n');
        await scene.cleanup({ worktree: [path], force: true });
        dropBranch(repo, name);
        await scene.tidy(inDays(8));
        expect(remains(repo)).toMatchObject({ trash: [], intents: [] });
        const led = reachable(repo);
        const lost = [...blobs, ...commits].filter((id) => id !== '' && !led.has(id));
        expect(lost).toEqual([]);
      }),
      { numRuns: full ? 150 : 3 },
    );
  });
});

describe('what refs cannot hold is not expired, and listed with the reason:', () => {
  const stays = async (scene: RemovalScene, path: string, reason: string) => {
    const { repo } = scene;
    const [removed] = await scene.cleanup({ worktree: [path], force: true });
    await scene.tidy(inDays(8));
    const [listed] = await scene.trash('list', {}, inDays(8));
    expect(listed).toMatchObject({ id: removed?.trash, state: 'held' });
    expect(listed?.reason).toContain(reason);
    expect(repo.git('for-each-ref', 'refs/wt/attic')).toBe('');
    return removed?.trash;
  };

  it('a nested repository with commits of its own', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const inner = join(path, 'vendor/inner');
    mkdirSync(inner, { recursive: true });
    scene.repo.gitIn(inner, 'init', '-q');
    scene.repo.commit('inner', { file: 'x' }, inner);
    const id = await stays(scene, path, 'the repository vendor/inner has commits that are on no remote');
    const [asked] = await scene.trash('empty', { force: true });
    expect(asked).toMatchObject({ state: 'held', error: { code: 'cannot_save' } });
    expect(await scene.doctor()).toContainEqual(
      expect.objectContaining({ code: 'trash', status: 'warning', fix: `wt undo ${id}` }),
    );
    await scene.undo();
    expect(existsSync(join(inner, 'file'))).toBe(true);
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('the same where git ignores it', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.commit('ignore', { '.gitignore': 'vendor/\n' }, path);
    mkdirSync(join(path, 'vendor'));
    scene.repo.gitIn(join(path, 'vendor'), 'init', '-q');
    scene.repo.commit('inner', { file: 'x' }, join(path, 'vendor'));
    await stays(scene, path, 'the repository vendor has commits');
  });

  it('an operation in progress', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.commit('other', { 'a.txt': 'other\n' });
    expect(() => repo.gitIn(path, 'merge', 'main')).toThrow();
    await stays(scene, path, 'a merge is in progress');
  });

  it('conflicts that a stash left', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    writeFileSync(join(path, 'a.txt'), 'mine\n');
    repo.gitIn(path, 'stash');
    repo.commit('theirs', { 'a.txt': 'theirs\n' }, path);
    expect(() => repo.gitIn(path, 'stash', 'apply')).toThrow();
    await stays(scene, path, 'a.txt has conflicts that are not resolved');
  });

  it('a process that still works in the removed folder', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    const child = start(['sleep', '60'], { cwd: path });
    const [removed] = await scene.cleanup({ worktree: [path], force: true });
    const [asked] = await scene.trash('empty', { force: true });
    expect(asked).toMatchObject({ error: { code: 'cannot_save', hint: `kill ${child.pid} ends it` } });
    expect(remains(repo).trash).toEqual([removed?.trash]);
  });
});

describe('a nested repository that a remote has whole', () => {
  it('keeps nothing from going, be it a submodule or not', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const origin = join(repo.root, 'lib');
    mkdirSync(origin);
    repo.gitIn(origin, 'init', '-q', '-b', 'main');
    repo.commit('lib', { lib: 'x' }, origin);
    const path = scene.add('feat/x');
    const git = (...args: string[]) => repo.gitIn(path, '-c', 'protocol.file.allow=always', ...args);
    git('submodule', '--quiet', 'add', origin, 'sub');
    repo.commit('submodule', {}, path);
    git('clone', '-q', origin, 'clone');
    writeFileSync(join(path, 'new'), 'new');
    const ref = (await expire(scene, path)) ?? '';
    const rows = repo.git('ls-tree', ref).split('\n');
    expect(rows.filter((row) => row.startsWith('160000')).map((row) => row.split('\t')[1])).toEqual([
      'clone',
      'sub',
    ]);
    expect(repo.git('show', `${ref}:new`)).toBe('new');
  });

  it('holds it once a commit is on no remote', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const origin = join(repo.root, 'lib');
    mkdirSync(origin);
    repo.gitIn(origin, 'init', '-q', '-b', 'main');
    repo.commit('lib', { lib: 'x' }, origin);
    const path = scene.add('feat/x');
    repo.gitIn(path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', origin, 'sub');
    repo.commit('submodule', {}, path);
    repo.commit('own', { own: 'x' }, join(path, 'sub'));
    repo.gitIn(path, 'submodule', '--quiet', 'update', '--no-fetch', '--force', '--checkout');
    await scene.cleanup({ worktree: [path], force: true });
    await scene.tidy(inDays(8));
    expect((await scene.trash('list'))[0]?.reason).toContain('commits that are on no remote');
  });
});

describe('wt trash', () => {
  it('lists what there is, the last removed first, with the size once that is known, and restores it', async () => {
    const scene = removalScene();
    for (const name of ['a', 'b']) await scene.cleanup({ worktree: [scene.add(name)] });
    const listed = await scene.trash('list');
    expect(listed.map(({ branch, state, size_bytes }) => [branch, state, size_bytes])).toEqual([
      ['b', 'undoable', null],
      ['a', 'undoable', null],
    ]);
    await scene.tidy();
    expect((await scene.trash('list'))[0]?.size_bytes).toBeGreaterThan(0);
    const id = [listed[1]?.id];
    expect(await scene.trash('list', { id })).toMatchObject([{ branch: 'a' }]);
    const [back] = await scene.trash('restore', { id });
    expect(back).toMatchObject({ state: 'restored', branch: 'a' });
    expect(scene.repo.gitIn(back?.worktree_path ?? '', 'status', '--porcelain')).toBe('');
  });

  it('deletes on request only what was named, and nothing without a terminal to ask on', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const ids: (string | null)[] = [];
    for (const name of ['a', 'b']) {
      const [removed] = await scene.cleanup({ worktree: [scene.add(name, { work: name })], force: true });
      ids.push(removed?.trash ?? null);
    }
    await expect(scene.trash('empty')).rejects.toMatchObject({ code: 'not_confirmed', kind: 'refused' });
    await expect(scene.trash('empty', { id: ['nope'], force: true })).rejects.toMatchObject({
      code: 'nothing_to_undo',
    });
    expect(await scene.trash('empty', { dryRun: true })).toMatchObject([{ state: 'would_empty' }, {}]);
    expect(remains(repo).trash).toHaveLength(2);
    expect(await scene.trash('empty', { id: [ids[0]], force: true })).toMatchObject([
      { id: ids[0], state: 'emptied', error: null },
    ]);
    expect(remains(repo).trash).toEqual([ids[1]]);
    expect(await scene.trash('empty', { expired: true })).toEqual([]);
    expect(await scene.trash('empty', { expired: true }, inDays(8))).toMatchObject([{ id: ids[1] }]);
  });

  it('lets the oldest go when all together are too large', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const removedAt = { now: new Date(Date.now() - 3 * dayMs) };
    const big = (name: string) => {
      const path = scene.add(name);
      writeFileSync(join(path, 'big'), Buffer.alloc(400_000, name));
      return path;
    };
    await scene.cleanup({ worktree: [big('a')], force: true }, removedAt);
    await scene.cleanup({ worktree: [big('b')], force: true }, { now: new Date(Date.now() - 2 * dayMs) });
    repo.write('.git/info/unused', '');
    mkdirSync(join(repo.home, '.config/wt'), { recursive: true });
    writeFileSync(join(repo.home, '.config/wt/config.yaml'), 'trash:\n  max_size: 600KB\n');
    await scene.tidy();
    expect((await scene.trash('list')).map(({ kind, branch }) => [kind, branch])).toEqual([
      ['entry', 'b'],
      ['attic', 'a'],
    ]);
  });

  it('deletes folders that were made read-only, also as somebody who is not root', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    mkdirSync(join(path, 'cache/deep'), { recursive: true });
    writeFileSync(join(path, 'cache/deep/file'), 'x');
    await scene.cleanup({ worktree: [path], force: true });
    const place = join(repo.path, '.git/wt/trash', remains(repo).trash[0] ?? '', 'worktree/cache');
    for (const folder of ['deep', '.']) chmodSync(join(place, folder), 0o500);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) execFileSync('chown', ['-R', '65534', repo.root]);
    const through = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
    const ran = await wt(repo.path, repo.env, ['trash', 'empty', '-f'], { through });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(existsSync(join(repo.path, '.git/wt/trash/expired'))).toBe(false);
  });

  it('does not follow a link that stands in the place of its folder', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const [removed] = await scene.cleanup({ worktree: [path] });
    const place = join(repo.path, '.git/wt/trash', removed?.trash ?? '');
    mkdirSync(join(repo.root, 'precious'));
    writeFileSync(join(repo.root, 'precious/file'), 'x');
    renameSync(join(place, 'worktree'), join(place, 'aside'));
    symlinkSync(join(repo.root, 'precious'), join(place, 'worktree'));
    await scene.tidy(inDays(8));
    expect(readFileSync(join(repo.root, 'precious/file'), 'utf8')).toBe('x');
    expect(gitDirOf(repo, repo.path)).toContain('.git');
  });
});
