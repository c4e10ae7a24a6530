import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../src/application/ports.ts';
import { blankDispatch } from '../../src/domain/dispatch.ts';
import type { Failure } from '../../src/domain/failure.ts';
import { start } from '../support/children.ts';
import {
  clutter,
  gitDirOf,
  nothingLeft,
  type RemovalScene,
  remains,
  removalScene,
  whole,
} from '../support/removals.ts';
import { makeRepo } from '../support/repo.ts';
import { tampered } from '../support/tampered.ts';

const refused = (scene: RemovalScene, worktree: string, input = {}, options = {}): Promise<Failure> =>
  scene.cleanup({ worktree: [worktree], ...input }, options).then(
    () => {
      throw new Error('it was not refused');
    },
    (failure) => failure,
  );
const also = ({ details }: Failure) => details.also;

/** Does something right before the folder is moved, after all has been looked at. */
const beforeTheRename = (act: () => void) => ({
  tamper: (hub: Hub): Hub => ({
    ...hub,
    trash: tampered(hub.trash, {
      moveIn: async (...args) => {
        act();
        return hub.trash.moveIn(...args);
      },
    }),
  }),
});

describe('wt cleanup refuses', () => {
  it('the main worktree, by whatever name', async () => {
    const scene = removalScene();
    for (const name of ['^', 'main', scene.repo.path])
      expect(await refused(scene, name, { force: true })).toMatchObject({
        code: 'main_worktree',
        kind: 'refused',
      });
  });

  it('what is not this worktree at its path, and leaves it there', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const impostors: Record<string, (path: string) => void> = {
      clone: (path) => repo.git('clone', '-q', repo.path, path),
      link: (path) => symlinkSync(`${path}.moved`, path),
      'broken-link': (path) => symlinkSync('nowhere', path),
      file: (path) => writeFileSync(path, 'mine'),
      'empty-folder': (path) => mkdirSync(path),
      'moved-worktree': (path) => renameSync(scene.add('other', { work: 'other.txt' }), path),
      'foreign-worktree': (path) => makeRepo().git('worktree', 'add', '-q', '-b', 'x', path),
    };
    for (const [name, put] of Object.entries(impostors)) {
      const path = scene.add(name);
      renameSync(path, `${path}.moved`);
      put(path);
      const before = lstatSync(path).ino;
      const failure = await refused(scene, name, { force: true });
      expect([name, failure.code, failure.kind]).toEqual([name, 'not_this_worktree', 'refused']);
      expect([lstatSync(path).ino, existsSync(join(`${path}.moved`, 'README.md'))]).toEqual([before, true]);
    }
    expect(remains(repo)).toMatchObject(nothingLeft);
  });

  it('the worktree in which a process that started it stands', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const inside = {
      tamper: (hub: Hub) => ({ ...hub, processes: { ...hub.processes, standsIn: async () => true } }),
    };
    const failure = await refused(scene, path, { force: true }, inside);
    expect(failure).toMatchObject({
      code: 'current_worktree',
      hint: expect.stringContaining('wt shell-init'),
    });
    expect(existsSync(path)).toBe(true);
  });

  it('one that somebody else has locked, with the reason, also by force', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.git('worktree', 'lock', '--reason', 'on a stick', path);
    const failure = await refused(scene, 'feat/x', { force: true });
    expect(failure).toMatchObject({ code: 'worktree_locked', message: `${path} is locked: on a stick` });
    expect(scene.repo.git('worktree', 'list', '--porcelain')).toContain('locked on a stick');
  });

  it('one in which another wt provisions', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const hub = await scene.hub();
    const other = start(['sleep', '60']);
    const failure = await hub.intents.during(
      'provision',
      { worktreePath: path, step: 'running', data: {} },
      async (intent) => {
        const file = join(scene.repo.path, '.git/wt/intents', `${intent.id}.json`);
        const owner = { ...hub.processes.own(), pid: other.pid, start_time: startTime(other.pid) };
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), owner }));
        return refused(scene, 'feat/x', { force: true });
      },
    );
    expect(failure).toMatchObject({ code: 'worktree_locked' });
    expect(failure.message).toContain(`wt provision is at work there (process ${other.pid})`);
  });

  it('one with uncommitted work of any kind, and names it', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const reset = () => {
      repo.gitIn(path, 'reset', '-q', '--hard');
      repo.gitIn(path, 'clean', '-q', '-f', '-d');
    };
    const work: [string[], () => void][] = [
      [['new file'], () => writeFileSync(join(path, 'new file'), '')],
      [['README.md'], () => writeFileSync(join(path, 'README.md'), 'x')],
      [['README.md'], () => rmSync(join(path, 'README.md'))],
      [
        ['README.md'], // staged, and taken back in the file
        () => {
          writeFileSync(join(path, 'README.md'), 'x');
          repo.gitIn(path, 'add', '.');
          writeFileSync(join(path, 'README.md'), '# Jerry\n');
        },
      ],
      [
        ['new'],
        () => {
          repo.git('config', 'status.showUntrackedFiles', 'no');
          writeFileSync(join(path, 'new'), '');
        },
      ],
    ];
    for (const [paths, change] of work) {
      change();
      expect(await refused(scene, 'feat/x')).toMatchObject({
        code: 'dirty_worktree',
        details: { paths, also: [] },
        hint: 'commit them, or wt cleanup feat/x --force; wt undo brings them back',
      });
      reset();
    }
    expect(existsSync(path)).toBe(true);
  });

  it('one whose clean rebase has only been stopped', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.gitIn(path, '-c', 'sequence.editor=sed -i s/^pick/break\\\\npick/', 'rebase', '-q', '-i', 'main');
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
    expect(await refused(scene, path)).toMatchObject({
      code: 'dirty_worktree',
      details: { operation: 'rebase', paths: [] },
    });
  });

  it('one whose commits are not in its base, and one of which that cannot be told', async () => {
    const scene = removalScene();
    scene.add('feat/x', { work: 'a.txt' });
    scene.add('feat/y', { facts: { base: 'gone' } });
    expect(await refused(scene, 'feat/x')).toMatchObject({
      code: 'unmerged_commits',
      message: 'feat/x has 1 commit that main does not have',
      details: { ahead: 1, base: 'main' },
    });
    expect(await refused(scene, 'feat/y')).toMatchObject({
      code: 'unmerged_commits',
      details: { ahead: null },
    });
  });

  it('one that holds another worktree', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    scene.repo.git('config', 'core.excludesFile', '/dev/null');
    const inner = scene.add('inner', { path: join(path, 'build/inner') });
    expect(await refused(scene, 'feat/x', { force: true })).toMatchObject({
      code: 'cannot_save',
      hint: `wt cleanup ${inner} first`,
    });
    expect(scene.repo.gitIn(inner, 'status', '--porcelain')).toBe('');
  });

  it('one whose path it cannot spell', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const add = `git worktree add -q -b odd "$(printf '../odd\\377/x')"`;
    execFileSync('sh', ['-c', add], { cwd: repo.path, env: repo.env });
    expect(await refused(scene, 'odd')).toMatchObject({
      code: 'cannot_save',
      message: expect.stringContaining('odd\\xFF/x stands for a path that is not UTF-8'),
    });
    expect(repo.git('worktree', 'list')).toContain('[odd]');
  });

  it('with all that speaks against it, in order', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x', { work: 'a.txt' });
    writeFileSync(join(path, 'new'), '');
    scene.repo.git('worktree', 'lock', path);
    const failure = await refused(scene, 'feat/x');
    expect([failure.code, also(failure)]).toEqual([
      'worktree_locked',
      ['dirty_worktree', 'unmerged_commits'],
    ]);
  });

  it('to believe a git status that failed', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    writeFileSync(join(gitDirOf(scene.repo, path), 'index'), 'damaged');
    expect(await refused(scene, 'feat/x')).toMatchObject({
      code: 'git_failed',
      hint: 'mend it, or wt cleanup feat/x --force; wt undo brings it back as it is',
    });
    const [answer] = await scene.cleanup({ worktree: ['feat/x'], force: true });
    expect(answer?.removed).toBe(true);
    await scene.undo();
    expect(readFileSync(join(gitDirOf(scene.repo, path), 'index'), 'utf8')).toBe('damaged');
  });

  it('while a dispatch runs there, or one whose record cannot be read might', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const running = {
      phase: 'running',
      git_dir: null,
      dispatch: {
        ...blankDispatch,
        dispatch_id: 'dispatch-20260220-001',
        status: 'running' as const,
        worktree_path: path,
        started_at: new Date().toISOString(),
      },
    };
    const having = (runs: object) => ({
      tamper: (hub: Hub) => ({
        ...hub,
        runs: tampered(hub.runs, { list: async () => [running as never] }),
        supervisors: tampered(hub.supervisors, { reconcile: async (record) => record }),
        ...runs,
      }),
    });
    expect(await refused(scene, 'feat/x', { force: true }, having({}))).toMatchObject({
      code: 'dispatch_running',
      details: { dispatch_id: 'dispatch-20260220-001' },
    });
    mkdirSync(join(scene.repo.path, '.git/wt/runs/dispatch-20260220-002'), { recursive: true });
    writeFileSync(join(scene.repo.path, '.git/wt/runs/dispatch-20260220-002/run.json'), '{"version": 2}');
    expect(await refused(scene, 'feat/x', { force: true })).toMatchObject({ code: 'state_too_new' });
  });
});

const startTime = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? '';

describe('wt cleanup', () => {
  it('removes worktree, registration and merged branch, and the folders that were made for it', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.git('merge', '-q', '--no-ff', 'feat/x');
    const [answer] = await scene.cleanup({ worktree: ['feat/x'] });
    expect(answer).toEqual({
      worktree_path: path,
      branch: 'feat/x',
      removed: true,
      branch_deleted: true,
      integrated: 'ancestor',
      trash: expect.stringMatching(/^trash-\d{8}-001$/),
      archived: null,
      remote_deleted: false,
      size_bytes: null,
      warnings: [],
      error: null,
    });
    expect(repo.git('branch', '--list', 'feat/x')).toBe('');
    expect(readdirSync(repo.root)).not.toContain('jerry-wt');
    expect(remains(repo)).toMatchObject({ registrations: [], intents: [], trash: [answer?.trash] });
  });

  it('keeps the branch when it holds more than the base, when it is to be kept, and when wt did not make it', async () => {
    const scene = removalScene();
    scene.add('ahead', { work: 'a.txt' });
    scene.add('wanted');
    scene.add('foreign', { recorded: false });
    const answers = [
      ...(await scene.cleanup({ worktree: ['ahead'], force: true })),
      ...(await scene.cleanup({ worktree: ['wanted'], keepBranch: true })),
      ...(await scene.cleanup({ worktree: ['foreign'] })),
    ];
    expect(answers.map(({ removed, branch_deleted }) => [removed, branch_deleted])).toEqual(
      Array(3).fill([true, false]),
    );
    expect(scene.repo.git('branch', '--format=%(refname:short)').split('\n')).toEqual([
      'ahead',
      'foreign',
      'main',
      'wanted',
    ]);
  });

  it('says so when the branch stayed because somebody moved it at the last moment', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    let committed = '';
    const [answer] = await scene.cleanup(
      { worktree: ['feat/x'] },
      beforeTheRename(() => {
        committed = repo.commit('late', { 'late.txt': 'x\n' }, path);
      }),
    );
    expect(answer).toMatchObject({ removed: true, branch_deleted: false });
    expect(scene.told).toEqual(['feat/x moved just now, and stays']);
    expect(repo.git('rev-parse', 'feat/x')).toBe(committed);
    await scene.undo();
    expect(repo.gitIn(path, 'rev-parse', 'HEAD')).toBe(committed);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
  });

  it('keeps what an agent still writes between the last look and the rename', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    let late = '';
    await scene.cleanup(
      { worktree: ['feat/x'] },
      beforeTheRename(() => {
        writeFileSync(join(path, 'late.txt'), 'late\n');
        writeFileSync(join(path, 'staged.txt'), 'staged\n');
        repo.gitIn(path, 'add', 'staged.txt');
        repo.gitIn(path, 'switch', '-q', '--detach');
        late = repo.gitIn(path, 'commit-tree', '-m', 'late', 'HEAD^{tree}');
        repo.gitIn(path, 'reset', '-q', '--soft', late);
      }),
    );
    repo.git('gc', '-q', '--prune=now');
    await scene.undo();
    expect(repo.gitIn(path, 'rev-parse', 'HEAD')).toBe(late);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('A  staged.txt\n?? late.txt');
    expect(repo.gitIn(path, 'show', ':staged.txt')).toBe('staged');
  });

  it('leaves alone what takes the place of the worktree at the last moment', async () => {
    const scene = removalScene();
    const { repo } = scene;
    const path = scene.add('feat/x');
    const swapped = beforeTheRename(() => {
      renameSync(path, `${path}.mine`);
      repo.git('clone', '-q', repo.path, path);
    });
    expect(await refused(scene, 'feat/x', {}, swapped)).toMatchObject({ code: 'not_this_worktree' });
    expect(repo.gitIn(path, 'rev-parse', '--git-dir')).toBe('.git');
    expect(remains(repo)).toMatchObject(nothingLeft);
    expect(repo.git('worktree', 'list', '--porcelain')).not.toContain('locked');
  });

  it('refuses when the worktree changes while it waits for its turn', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const late = {
      tamper: (hub: Hub): Hub => ({
        ...hub,
        locks: {
          hold: (name, work, options) => {
            writeFileSync(join(path, 'late.txt'), '');
            return hub.locks.hold(name, work, options);
          },
        },
      }),
    };
    expect(await refused(scene, 'feat/x', {}, late)).toMatchObject({ code: 'dirty_worktree' });
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('takes the base as it is when its turn comes', async () => {
    const scene = removalScene();
    const { repo } = scene;
    scene.add('feat/x', { work: 'a.txt' });
    const before = repo.git('rev-parse', 'main');
    repo.git('merge', '-q', '--no-ff', 'feat/x');
    const late = {
      tamper: (hub: Hub): Hub => ({
        ...hub,
        locks: {
          hold: (name, work, options) => {
            repo.git('reset', '-q', '--hard', before);
            return hub.locks.hold(name, work, options);
          },
        },
      }),
    };
    expect(await refused(scene, 'feat/x', {}, late)).toMatchObject({ code: 'unmerged_commits' });
  });

  it('moves, whatever the size: no work per file', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    const folder = join(path, 'node_modules');
    writeFileSync(join(scene.repo.path, '.git/info/exclude'), 'node_modules\n');
    mkdirSync(folder);
    for (let count = 0; count < 1000; count++) writeFileSync(join(folder, `${count}`), '');
    const began = performance.now();
    await (await scene.hub()).trash.list(); // loads the adapter
    const hub = await scene.hub();
    const [, worktree] = await hub.git.worktrees();
    if (worktree === undefined) throw new Error('no worktree');
    const plan = await hub.trash.plan(worktree, { deletes_branch: false, parents_end: '/' });
    const writer = { id: 'test', child: () => {} };
    const mark = await hub.trash.keep(plan, writer);
    expect(performance.now() - began).toBeLessThan(5_000);
    const move = performance.now();
    await hub.trash.moveIn(plan, writer, mark);
    expect(performance.now() - move).toBeLessThan(50);
  });

  it('answers for each of several in their order, and one that fails stops no other', async () => {
    const scene = removalScene();
    scene.add('a');
    scene.add('b', { work: 'b.txt' });
    scene.add('c');
    const answers = await scene.cleanup({ worktree: ['c', 'b', 'a'] });
    expect(answers.map(({ branch, removed, error }) => [branch, removed, error?.code])).toEqual([
      ['c', true, undefined],
      ['b', false, 'unmerged_commits'],
      ['a', true, undefined],
    ]);
  });

  it('names every selector before the first effect', async () => {
    const scene = removalScene();
    const path = scene.add('a');
    await expect(scene.cleanup({ worktree: ['a', 'nothing'] })).rejects.toMatchObject({
      code: 'worktree_not_found',
    });
    expect(existsSync(path)).toBe(true);
  });

  it('says of each what became of it when Ctrl-C comes between two', async () => {
    const scene = removalScene();
    for (const name of ['a', 'b', 'c']) scene.add(name);
    const controller = new AbortController();
    const stop = {
      signal: controller.signal,
      tamper: (hub: Hub): Hub => ({
        ...hub,
        trash: tampered(hub.trash, {
          record: async (entry) => {
            controller.abort('SIGINT');
            return hub.trash.record(entry);
          },
        }),
      }),
    };
    const answers = await scene.cleanup({ worktree: ['a', 'b', 'c'] }, stop);
    expect(
      answers.map(({ removed, branch_deleted, error }) => [removed, branch_deleted, error?.code]),
    ).toEqual([
      [true, true, undefined],
      [false, false, 'interrupted'],
      [false, false, 'interrupted'],
    ]);
    expect(remains(scene.repo)).toMatchObject({ intents: [], registrations: ['b', 'c'] });
  });

  it('takes everything back when Ctrl-C comes before anything was moved', async () => {
    const scene = removalScene();
    const path = scene.add('a');
    clutter(scene.repo, path);
    const before = whole(scene.repo, path);
    const controller = new AbortController();
    const stop = {
      signal: controller.signal,
      tamper: (hub: Hub): Hub => ({
        ...hub,
        trash: tampered(hub.trash, {
          keep: async (...args) => {
            const mark = await hub.trash.keep(...args);
            controller.abort('SIGINT');
            await hub.git.worktrees(); // a question that Ctrl-C ends
            return mark;
          },
        }),
      }),
    };
    expect(await refused(scene, 'a', { force: true }, stop)).toMatchObject({ code: 'interrupted' });
    expect(whole(scene.repo, path)).toEqual(before);
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('changes nothing when what would be lost cannot be kept', async () => {
    const scene = removalScene();
    const path = scene.add('a');
    const before = whole(scene.repo, path);
    writeFileSync(join(scene.repo.path, '.git/refs/wt'), 'a file where git needs a folder');
    expect(await refused(scene, 'a')).toMatchObject({ code: 'git_failed' });
    rmSync(join(scene.repo.path, '.git/refs/wt'));
    expect(whole(scene.repo, path)).toEqual(before);
    expect(remains(scene.repo)).toMatchObject(nothingLeft);
  });

  it('takes the user to the main worktree when a shell will go there', async () => {
    const scene = removalScene();
    const path = scene.add('a');
    scene.add('b');
    const handover = join(scene.repo.home, 'cd');
    await scene.cleanup({ worktree: ['b'] }, { cwd: path, handover });
    expect(existsSync(handover)).toBe(false);
    await scene.cleanup({}, { cwd: path, handover });
    expect(readFileSync(handover, 'utf8')).toBe(scene.repo.path);
  });

  it('tells who works inside, and ends them when told to', async () => {
    const scene = removalScene();
    scene.add('a');
    const path = scene.add('b');
    const sleeper = start(['sleep', '60'], { cwd: join(scene.repo.root, 'jerry-wt/a') });
    await scene.cleanup({ worktree: ['a'] });
    expect(scene.told.join()).toContain(
      `still running inside: sleep 60 (${sleeper.pid}); kill ${sleeper.pid} ends them`,
    );
    const worker = start(['sh', '-c', 'sleep 60 & echo started; wait'], { cwd: path });
    await worker.lines(1);
    const [answer] = await scene.cleanup({ worktree: ['b'], kill: true });
    expect(answer?.removed).toBe(true);
    expect(scene.told.join()).toMatch(/ended .*sleep 60/);
    expect(await (await scene.hub()).processes.inside(path)).toEqual([]);
  });
});

describe('wt cleanup -n', () => {
  it('says what would happen and writes nothing at all', async () => {
    const scene = removalScene();
    const { repo } = scene;
    scene.add('a');
    const path = scene.add('b', { work: 'b.txt' });
    await scene.hub(); // which remembers git's version
    const state = () => [whole(repo, path), readdirSync(join(repo.path, '.git'), { recursive: true }).sort()];
    const before = state();
    expect(await scene.cleanup({ worktree: ['a'], dryRun: true })).toMatchObject([
      {
        branch: 'a',
        removed: false,
        branch_deleted: false,
        integrated: 'same_commit',
        trash: null,
        error: null,
      },
    ]);
    expect(await refused(scene, 'b', { dryRun: true })).toMatchObject({ code: 'unmerged_commits' });
    const [forced] = await scene.cleanup({ worktree: ['b'], dryRun: true, force: true });
    expect(forced).toMatchObject({ removed: false, integrated: null, error: null });
    expect(state()).toEqual(before);
  });
});

describe('wt cleanup --merged', () => {
  const now = () => new Date();

  /** One worktree of each kind; only `done` is done with. */
  const kinds = () => {
    const scene = removalScene();
    const { repo } = scene;
    for (const name of ['done', 'young', 'dirty', 'locked', 'busy']) {
      const path = scene.add(name, { work: `${name}.txt`, ...(name === 'young' ? { at: now() } : {}) });
      repo.git('merge', '-q', '--no-ff', name);
      if (name === 'dirty') writeFileSync(join(path, 'new'), '');
      if (name === 'locked') repo.git('worktree', 'lock', path);
      if (name === 'busy') start(['sleep', '60'], { cwd: path });
    }
    scene.add('open', { work: 'open.txt' });
    scene.add('empty');
    scene.add('foreign', { recorded: false, work: 'foreign.txt' });
    repo.git('merge', '-q', '--no-ff', 'foreign');
    return scene;
  };
  const branches = (answers: readonly { readonly branch: string | null }[]) =>
    answers.map(({ branch }) => branch);

  it('takes those whose work is in the base, not empty, a day old, clean, idle and not locked', async () => {
    const scene = kinds();
    expect(branches(await scene.cleanup({ merged: true, dryRun: true }))).toEqual(['done']);
    const wider = { merged: true, dryRun: true, minAge: '0s' };
    expect(branches(await scene.cleanup(wider))).toEqual(['done', 'foreign', 'young']);
    expect(branches(await scene.cleanup({ ...wider, empty: true }))).toEqual([
      'done',
      'empty',
      'foreign',
      'young',
    ]);
    expect(branches(await scene.cleanup({ ...wider, force: true }))).toEqual([
      'dirty',
      'done',
      'foreign',
      'young',
    ]);
    expect(branches(await scene.cleanup({ ...wider, kill: true }))).toEqual([
      'busy',
      'done',
      'foreign',
      'young',
    ]);
    const removed = await scene.cleanup({ merged: true });
    expect(removed).toMatchObject([{ branch: 'done', removed: true, branch_deleted: true }]);
    expect(await scene.cleanup({ merged: true })).toEqual([]);
  });

  it('without effect is what wt cleanup alone does in the main worktree and in a bare hub', async () => {
    const scene = removalScene();
    const path = scene.add('done', { work: 'a.txt' });
    scene.repo.git('merge', '-q', '--no-ff', 'done');
    expect(await scene.cleanup({})).toMatchObject([{ branch: 'done', removed: false }]);
    const bare = join(scene.repo.root, 'bare.git');
    scene.repo.gitIn(scene.repo.root, 'clone', '-q', '--bare', scene.repo.path, bare);
    expect(await scene.cleanup({}, { cwd: bare })).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('does not go with a worktree, and wants a duration', async () => {
    const scene = removalScene();
    await expect(scene.cleanup({ merged: true, worktree: ['a'] })).rejects.toMatchObject({ code: 'usage' });
    await expect(scene.cleanup({ merged: true, minAge: 'soon' })).rejects.toMatchObject({ code: 'usage' });
    await expect(scene.cleanup({ worktree: ['a'], minAge: '0s' })).rejects.toMatchObject({ code: 'usage' });
  });
});
