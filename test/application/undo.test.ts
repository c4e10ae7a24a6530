import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeAndBringBack } from '../support/bring-back.ts';
import { clutter, nothingLeft, type RemovalScene, remains, removalScene } from '../support/removals.ts';

describe('wt undo after git gc --prune=now brings back', () => {
  it('every byte: ignored and untracked files, modes, links, the index with its times', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    clutter(scene.repo, path);
    scene.repo.gitIn(path, 'status');
    const removed = await removeAndBringBack(scene, path);
    expect(removed).toMatchObject({ branch: 'feat/x', branch_deleted: false, integrated: null });
    expect(scene.repo.gitIn(path, 'show', ':staged.txt')).toBe('only in the index');
  });

  it('a branch that was deleted, with its reflog and what only that remembers', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    const amended = repo.gitIn(path, 'rev-parse', 'HEAD');
    repo.gitIn(path, 'commit', '-q', '--amend', '-m', 'better');
    repo.git('merge', '-q', 'feat/x');
    const removed = await removeAndBringBack(scene, path, { force: false });
    expect(removed).toMatchObject({ branch_deleted: true, integrated: 'same_commit' });
    expect(repo.git('log', '--format=%H', '-g', 'feat/x')).toContain(amended);
    expect(repo.git('cat-file', '-t', amended)).toBe('commit');
  });
});

describe('wt undo', () => {
  it('keeps a status as fast as it was: git need not read the files again', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const past = new Date(Date.now() - 60_000);
    utimesSync(join(path, 'README.md'), past, past);
    repo.gitIn(path, 'update-index', '-q', '--refresh');
    await scene.cleanup({ worktree: [path] });
    await scene.undo();
    const stale = repo.gitIn(path, 'diff-files', '--name-only'); // what git would have to read
    expect(stale).toBe('');
  });

  it('takes the last removal first, and each only once', async () => {
    const scene = removalScene();
    const paths = ['a', 'b', 'c'].map((name) => scene.add(name));
    for (const name of ['a', 'b', 'c']) await scene.cleanup({ worktree: [name] });
    const list = await scene.undo({ list: true });
    expect(list.map(({ branch }) => branch)).toEqual(['c', 'b', 'a']);
    const [, second] = list;
    await scene.undo({ id: second?.id });
    await expect(scene.undo({ id: second?.id })).rejects.toMatchObject({ code: 'nothing_to_undo' });
    const back = [(await scene.undo())[0], (await scene.undo())[0]];
    expect(back.map((each) => each?.branch)).toEqual(['c', 'a']);
    await expect(scene.undo()).rejects.toMatchObject({ code: 'nothing_to_undo', kind: 'not-found' });
    for (const path of paths) expect(scene.repo.gitIn(path, 'status', '--porcelain')).toBe('');
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('never gives the id of a removal that was undone to another', async () => {
    const scene = removalScene();
    scene.add('a');
    scene.add('b');
    const [first] = await scene.cleanup({ worktree: ['a'] });
    await scene.undo();
    const [second] = await scene.cleanup({ worktree: ['b'] });
    expect(second?.trash).not.toBe(first?.trash);
    await expect(scene.undo({ id: first?.trash })).rejects.toMatchObject({ code: 'nothing_to_undo' });
  });

  it('brings back what wt recorded, and the runs', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x', { facts: { project_id: 'PROJ-006-x' } });
    const run = join(scene.repo.path, '.git/wt/runs/dispatch-20260220-001');
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'prompt.md'), 'do it');
    await scene.cleanup({ worktree: ['PROJ-006-x'] });
    await scene.undo();
    expect((await (await scene.hub()).git.worktrees())[1]).toMatchObject({
      path,
      facts: { project_id: 'PROJ-006-x', branch_created: true },
    });
    expect(readdirSync(run)).toEqual(['prompt.md']);
  });

  it('makes the folders above it again', async () => {
    const scene = removalScene();
    const path = scene.add('feat/deep/x');
    await scene.cleanup({ worktree: [path] });
    expect(existsSync(join(scene.repo.root, 'jerry-wt'))).toBe(false);
    await scene.undo();
    expect(scene.repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe('## feat/deep/x');
  });

  it('takes the place of an empty folder', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    await scene.cleanup({ worktree: [path] });
    mkdirSync(path, { recursive: true });
    await scene.undo();
    expect(readdirSync(path)).toContain('README.md');
  });

  it('finds the trash of a repository that was moved', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    await scene.cleanup({ worktree: [path] });
    const elsewhere = join(repo.root, 'elsewhere');
    renameSync(repo.path, elsewhere);
    await scene.undo({}, { cwd: elsewhere });
    expect(repo.gitIn(path, 'rev-parse', '--git-common-dir')).toBe(join(elsewhere, '.git'));
    expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe('## feat/x');
  });
});

describe('wt undo refuses', () => {
  const removed = async (options = {}) => {
    const scene = removalScene();
    const path = scene.add('feat/x', options);
    const [answer] = await scene.cleanup({ worktree: [path], force: true });
    return { scene, path, id: answer?.trash ?? '', repo: scene.repo };
  };
  const refusal = (scene: RemovalScene) => scene.undo().catch((failure) => failure);
  const isUntouched = (scene: RemovalScene, id: string) => {
    const left = remains(scene.repo);
    expect(left).toMatchObject({ intents: [], trash: [id] });
    expect(left.refs).toContain(`refs/wt/trash/${id}/head`);
  };

  it.each<[string, (path: string) => void]>([
    [
      'a folder with files',
      (path) => {
        mkdirSync(path, { recursive: true });
        writeFileSync(join(path, 'mine'), '');
      },
    ],
    [
      'a file',
      (path) => {
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, 'mine');
      },
    ],
  ])('where %s is at the path', async (_, put) => {
    const { scene, path, id } = await removed();
    put(path);
    const before = statSync(path).ino;
    expect(await refusal(scene)).toMatchObject({
      code: 'path_exists',
      kind: 'refused',
      hint: `move it away, then wt undo ${id}`,
    });
    expect(statSync(path).ino).toBe(before);
    isUntouched(scene, id);
  });

  it('where git has another worktree registered at the path', async () => {
    const { scene, path, id, repo } = await removed();
    repo.git('worktree', 'add', '-q', '-b', 'other', path);
    rmSync(path, { recursive: true });
    expect(await refusal(scene)).toMatchObject({ code: 'path_exists' });
    isUntouched(scene, id);
  });

  it('where its branch has moved on', async () => {
    const { scene, id, repo } = await removed({ work: 'a.txt' });
    const tip = repo.commit('on', {});
    repo.git('branch', '-f', 'feat/x', tip);
    expect(await refusal(scene)).toMatchObject({ code: 'branch_exists', kind: 'refused' });
    expect(repo.git('rev-parse', 'feat/x')).toBe(tip);
    isUntouched(scene, id);
  });

  it('where its branch is checked out elsewhere', async () => {
    const { scene, id, repo } = await removed({ work: 'a.txt' });
    repo.git('switch', '-q', 'feat/x');
    expect(await refusal(scene)).toMatchObject({
      code: 'branch_checked_out',
      details: { path: repo.path },
    });
    isUntouched(scene, id);
  });

  it('where the branch that its unfinished rebase goes back to is checked out elsewhere', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.gitIn(path, '-c', 'sequence.editor=sed -i 1s/pick/edit/', 'rebase', '-q', '-i', '--root');
    await scene.cleanup({ worktree: [path], force: true });
    repo.git('switch', '-q', 'feat/x');
    expect(await refusal(scene)).toMatchObject({ code: 'branch_checked_out', details: { branch: 'feat/x' } });
  });

  it.each(['feat/x/y', 'feat'])('where the branch %s is in the way of its own', async (other) => {
    const { scene, id, repo } = await removed();
    repo.git('branch', other);
    expect(await refusal(scene)).toMatchObject({
      code: 'branch_exists',
      details: { in_the_way: other },
      hint: `git branch -m ${other} <other>, then wt undo ${id}`,
    });
    isUntouched(scene, id);
  });

  it('when something takes the path in the last moment, and leaves no branch behind', async () => {
    const { scene, path, id, repo } = await removed();
    const tamper = {
      tamper: (hub: Awaited<ReturnType<typeof scene.hub>>) => ({
        ...hub,
        trash: {
          ...trashOf(hub),
          moveOut: async (entry: Parameters<typeof hub.trash.moveOut>[0]) => {
            mkdirSync(path, { recursive: true });
            writeFileSync(join(path, 'mine'), '');
            return hub.trash.moveOut(entry);
          },
        },
      }),
    };
    await expect(scene.undo({}, tamper)).rejects.toMatchObject({ code: 'path_exists' });
    expect(repo.git('branch', '--list', 'feat/x')).toBe('');
    isUntouched(scene, id);
  });
});

/** The port as an object that can be spread: it is a proxy. */
const trashOf = ({ trash }: Awaited<ReturnType<RemovalScene['hub']>>) => {
  const names = [
    'look',
    'plan',
    'keep',
    'moveIn',
    'hasBegun',
    'discard',
    'record',
    'list',
    'restoreBranch',
    'moveOut',
    'isComingBack',
    'missing',
    'forget',
  ] as const;
  return Object.fromEntries(names.map((name) => [name, trash[name]])) as unknown as typeof trash;
};
