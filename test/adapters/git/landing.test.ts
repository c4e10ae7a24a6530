import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../../src/application/ports.ts';
import { type MergeScene, mergeScene, traces } from '../../support/merges.ts';

const numbered = (...changed: [number, string][]) =>
  Array.from(
    { length: 20 },
    (_, at) => `${changed.find(([line]) => line === at)?.[1] ?? `line ${at}`}\n`,
  ).join('');

/** `main` with `f` and `g`, and `feat/a`, which changes `f` and adds `new`. */
function scene(base: Record<string, string> = {}): MergeScene & { readonly a: string } {
  const made = mergeScene({
    base: { f: numbered(), g: 'g\n', ...base },
    branches: { 'feat/a': { f: numbered([5, 'a']), new: 'new\n' } },
  });
  return { ...made, a: made.at('feat/a') };
}

const at = ({ repo }: MergeScene, file: string) => readFileSync(join(repo.path, file), 'utf8');
const put = ({ repo }: MergeScene, file: string, text: string) => {
  mkdirSync(join(repo.path, file, '..'), { recursive: true });
  writeFileSync(join(repo.path, file), text);
};
const isWhole = ({ repo }: MergeScene) => {
  expect(repo.git('status', '--porcelain')).toBe('');
  expect(repo.git('fsck', '--no-dangling')).toBe('');
};
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'not refused',
    (error) => ({ code: error.code, kind: error.kind, ...error.details }),
  );

describe('landing', () => {
  it('fast-forwards a checked-out target, index and files too', async () => {
    const made = scene();
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    const head = made.repo.git('rev-parse', 'feat/a');
    expect(answer).toMatchObject({
      status: 'merged',
      strategy: 'fast-forward',
      target: 'main',
      target_after: head,
    });
    expect(made.repo.git('rev-parse', 'main')).toBe(head);
    expect(answer?.merge_tree).toBe(made.repo.git('rev-parse', 'main^{tree}'));
    expect(at(made, 'f')).toBe(numbered([5, 'a']));
    isWhole(made);
    expect(made.repo.git('log', '-g', '-1', '--format=%gs', 'main')).toMatch(/^wt merge: feat\/a/);
  });

  it('makes a merge commit where the target has gone on, the branch staying where it is', async () => {
    const made = scene();
    const before = made.commit({ g: 'G\n' });
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    expect(answer).toMatchObject({ status: 'merged', strategy: 'merge', target_before: before });
    expect(made.repo.git('log', '-1', '--format=%s|%an|%P', 'main')).toBe(
      `Merge branch 'feat/a'|Ada|${before} ${made.repo.git('rev-parse', 'feat/a')}`,
    );
    expect(at(made, 'g') + at(made, 'new')).toBe('G\nnew\n');
    isWhole(made);
  });

  it('takes eight git processes, two of them at once, beyond those that find the repository, its worktrees and its refs', async () => {
    const made = scene();
    made.commit({ g: 'G\n' });
    await made.merge({ worktree: ['feat/a'] });
    const words = made.commands.map((line) => line.replace(/^.*?\$ git (?:-c \S+ )*/, '').split(' ')[0]);
    const found = ['rev-parse', 'version', 'worktree', 'for-each-ref'];
    expect(words.filter((word) => found.includes(word ?? ''))).toHaveLength(4);
    expect(words.filter((word) => !found.includes(word ?? ''))).toEqual([
      'status',
      'log',
      'diff-tree',
      'merge-tree',
      'config',
      'commit-tree',
      'merge',
      'update-ref',
    ]);
  });

  it('moves a target that is checked out nowhere', async () => {
    const made = scene();
    made.repo.git('branch', 'release', 'main~0');
    made.repo.git('branch', 'other', 'feat/a');
    const before = traces(made);
    const [answer] = await made.merge({ worktree: ['feat/a'], into: 'release' });
    expect(answer).toMatchObject({ status: 'merged', target: 'release', strategy: 'fast-forward' });
    expect(made.repo.git('rev-parse', 'release')).toBe(made.repo.git('rev-parse', 'feat/a'));
    expect(made.repo.git('log', '-g', '-1', '--format=%gs', 'release')).toBe('wt merge: feat/a');
    expect(traces(made)).not.toEqual(before);
    isWhole(made);
  });

  it('names a target that is not the usual one in the merge, or says what -m says', async () => {
    const made = scene();
    made.repo.git('branch', 'release');
    made.branch('feat/b', { b: 'b' });
    await made.merge({ worktree: ['feat/a', 'feat/b'], into: 'release' });
    expect(made.repo.git('log', '-1', '--format=%s', 'release')).toBe("Merge branch 'feat/b' into release");
    made.branch('feat/c', { c: 'c' });
    await made.merge({ worktree: ['feat/c'], into: 'release', message: 'Merge the third' });
    expect(made.repo.git('log', '-1', '--format=%s', 'release')).toBe('Merge the third');
  });

  it('lands on a branch that is checked out in a linked worktree', async () => {
    const made = scene();
    const release = made.branch('release', { r: 'r\n' });
    await made.merge({ worktree: ['feat/a'], into: 'release' });
    expect(readFileSync(join(release, 'new'), 'utf8')).toBe('new\n');
    expect(made.repo.gitIn(release, 'status', '--porcelain')).toBe('');
    isWhole(made);
  });

  it('lands in a bare hub', async () => {
    const made = scene();
    const hub = join(made.repo.root, 'hub.git');
    made.repo.git('clone', '-q', '--bare', made.repo.path, hub);
    made.repo.gitIn(hub, 'worktree', 'add', '-q', join(made.repo.root, 'hub-wt'), 'feat/a');
    const [answer] = await made.merge({ worktree: ['feat/a'] }, { cwd: hub });
    expect(answer).toMatchObject({ status: 'merged', target: 'main' });
    expect(made.repo.gitIn(hub, 'rev-parse', 'main')).toBe(made.repo.gitIn(hub, 'rev-parse', 'feat/a'));
  });

  it('lands the commit of a detached worktree', async () => {
    const made = scene();
    made.commit({ g: 'G\n' });
    made.repo.gitIn(made.a, 'checkout', '-q', '--detach');
    const head = made.repo.gitIn(made.a, 'rev-parse', 'HEAD');
    const [answer] = await made.merge({ worktree: [made.a] });
    expect(answer).toMatchObject({ status: 'merged', branch: null, strategy: 'merge' });
    expect(made.repo.git('log', '-1', '--format=%s')).toBe(`Merge commit '${head}'`);
  });

  it('has nothing to do where the target has it all', async () => {
    const made = scene();
    await made.merge({ worktree: ['feat/a'] });
    const before = traces(made);
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    expect(answer).toMatchObject({ status: 'up-to-date', merge_tree: null, error: null });
    expect(traces(made)).toEqual(before);
  });

  it('obeys the strategy', async () => {
    const made = scene();
    await made.merge({ worktree: ['feat/a'], strategy: 'merge' });
    expect(made.repo.git('log', '-1', '--format=%s')).toBe("Merge branch 'feat/a'");
    made.branch('feat/b', { b: 'b' }, 'main~1');
    expect(await refusal(made.merge({ worktree: ['feat/b'], strategy: 'ff' }))).toMatchObject({
      code: 'not_fast_forward',
      kind: 'refused',
    });
    made.branch('feat/c', { c: 'c' });
    const [answer] = await made.merge({ worktree: ['feat/c'], strategy: 'ff' });
    expect(answer).toMatchObject({ strategy: 'fast-forward', status: 'merged' });
  });

  it('judges each branch against those before it, and goes on after a conflict', async () => {
    const made = scene();
    made.branch('feat/b', { f: numbered([5, 'b']) });
    made.branch('feat/c', { c: 'c\n' });
    const dry = await made.merge({ worktree: ['feat/a', 'feat/b', 'feat/c'], dryRun: true });
    const wet = await made.merge({ worktree: ['feat/a', 'feat/b', 'feat/c'] });
    expect(dry.map(({ branch, status }) => [branch, status])).toEqual([
      ['feat/c', 'dry-run-clean'],
      ['feat/a', 'dry-run-clean'],
      ['feat/b', 'dry-run-conflicts'],
    ]);
    expect(wet.map(({ status, order, order_reason: why }) => [status, order, why])).toEqual([
      ['merged', 1, 'conflicts with none of the others'],
      ['merged', 2, 'conflicts with feat/b'],
      ['conflicts', 3, 'conflicts with feat/a'],
    ]);
    expect(wet[2]?.conflicts).toEqual([{ path: 'f', kind: 'content', resolution: null }]);
    // What was previewed is what landed.
    expect(dry.map(({ merge_tree }) => merge_tree)).toEqual(wet.map(({ merge_tree }) => merge_tree));
    expect(made.repo.git('rev-parse', 'main^{tree}')).toBe(dry[1]?.merge_tree);
    expect(made.repo.git('fsck', '--unreachable', '--no-reflogs')).toBe('');
    isWhole(made);
  });

  it('lands a branch with what has landed on it just before', async () => {
    const made = scene();
    made.branch('feat/top', { top: 'top\n' }, 'feat/a');
    made.repo.git('config', 'branch.feat/top.remote', '.');
    made.repo.git('config', 'branch.feat/top.merge', 'refs/heads/feat/a');
    const answers = await made.merge({ worktree: ['feat/top', 'feat/a'] });
    expect(answers.map(({ target, status }) => [target, status])).toEqual([
      ['feat/a', 'merged'],
      ['main', 'merged'],
    ]);
    expect(at(made, 'top')).toBe('top\n');
    expect(made.repo.gitIn(made.a, 'status', '--porcelain')).toBe('');
  });

  it('leaves no trace of a dry run and of conflicts', async () => {
    const made = scene();
    made.commit({ f: numbered([5, 'main']), g: 'G\n' });
    made.branch('feat/b', { b: 'b\n' }, 'main~1');
    const before = traces(made);
    const clean = await made.merge({ worktree: ['feat/b'], dryRun: true });
    expect(clean).toMatchObject([{ status: 'dry-run-clean', strategy: 'merge', target_after: null }]);
    expect(clean[0]?.merge_tree).toMatch(/^[0-9a-f]{40}$/);
    const conflicts = await made.merge({ worktree: ['feat/a'] });
    expect(conflicts).toMatchObject([
      { status: 'conflicts', merge_tree: null, target_after: null, error: null },
    ]);
    expect(traces(made)).toEqual(before);
    const cache = join(made.repo.path, '.git', 'wt', 'cache');
    expect(readdirSync(cache).filter((name) => name.startsWith('landing-'))).toEqual([]);
  });

  it("takes the target's attributes, also those that a branch before has brought", async () => {
    const edits = {
      'feat/union': { '.gitattributes': '*.list merge=union\n', 'a.list': 'base\none\n' },
      'feat/two': { 'a.list': 'base\ntwo\n' },
    };
    // What was committed first lands first.
    const reversed = mergeScene({ base: { 'a.list': 'base\n' } });
    for (const name of ['feat/two', 'feat/union'] as const) reversed.branch(name, edits[name]);
    const dry = await reversed.merge({ worktree: ['feat/two', 'feat/union'], dryRun: true });
    expect(dry.map(({ status }) => status)).toEqual(['dry-run-clean', 'dry-run-conflicts']);
    const made = mergeScene({ base: { 'a.list': 'base\n' } });
    for (const name of ['feat/union', 'feat/two'] as const) made.branch(name, edits[name]);
    const answers = await made.merge({ worktree: ['feat/union', 'feat/two'] });
    expect(answers.map(({ status }) => status)).toEqual(['merged', 'merged']);
    expect(at(made, 'a.list')).toBe('base\none\ntwo\n');
  });

  it('merges criss-cross histories as git does', async () => {
    const made = scene();
    made.commit({ f: numbered([12, 'main']) });
    const [main, branch] = [made.repo.git('rev-parse', 'main'), made.repo.git('rev-parse', 'feat/a')];
    made.repo.git('merge', '-q', '--no-edit', branch);
    made.repo.gitIn(made.a, 'merge', '-q', '--no-edit', main);
    made.commit({ f: numbered([5, 'a'], [12, 'main'], [18, 'main']) });
    made.commit({ f: numbered([0, 'a'], [5, 'a'], [12, 'main']) }, made.a);
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    expect(answer?.status).toBe('merged');
    expect(at(made, 'f')).toBe(numbered([0, 'a'], [5, 'a'], [12, 'main'], [18, 'main']));
  });

  it('refuses histories that have nothing in common', async () => {
    const made = scene();
    made.repo.gitIn(made.a, 'checkout', '-q', '--orphan', 'lost');
    made.commit({ lost: 'lost\n' }, made.a);
    expect(await refusal(made.merge({ worktree: ['lost'] }))).toMatchObject({ code: 'git_failed' });
    expect(await refusal(made.merge({ worktree: ['lost'], dryRun: true }))).toMatchObject({
      code: 'git_failed',
    });
  });

  it('brings modes, symlinks, submodule entries, renames and hundreds of files', async () => {
    const made = scene({ 'old/x': 'x\n' });
    made.commit((folder) => {
      for (let index = 0; index < 300; index++) writeFileSync(join(folder, `file-${index}`), `${index}\n`);
      writeFileSync(join(folder, 'run'), 'echo\n', { mode: 0o755 });
      symlinkSync('run', join(folder, 'link'));
      mkdirSync(join(folder, 'new-place'));
      execFileSync('git', ['mv', 'old/x', 'new-place/x'], { cwd: folder });
      mkdirSync(join(folder, 'module'));
      execFileSync('git', ['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`], {
        cwd: folder,
      });
    }, made.a);
    await made.merge({ worktree: ['feat/a'] });
    expect(made.repo.git('rev-parse', 'main^{tree}')).toBe(made.repo.git('rev-parse', 'feat/a^{tree}'));
    expect(lstatSync(join(made.repo.path, 'run')).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(made.repo.path, 'link'))).toBe('run');
    expect(existsSync(join(made.repo.path, 'old'))).toBe(false);
    isWhole(made);
  });

  it('keeps to a sparse checkout', async () => {
    const made = scene({ 'in/x': 'x\n', 'out/y': 'y\n' });
    made.commit({ 'in/x': 'X\n', 'out/y': 'Y\n' }, made.a);
    made.repo.git('sparse-checkout', 'set', 'in');
    await made.merge({ worktree: ['feat/a'] });
    expect(at(made, 'in/x')).toBe('X\n');
    expect(existsSync(join(made.repo.path, 'out'))).toBe(false);
    isWhole(made);
  });

  it('works in a folder of any name', async () => {
    const made = mergeScene({ base: { f: 'f\n' }, name: 'a:b "c" #d\ne' });
    made.branch('feat/a', { a: 'a\n' });
    made.branch('feat/b', { b: 'b\n' });
    const answers = await made.merge({ worktree: ['feat/a', 'feat/b'] });
    expect(answers).toMatchObject([{ strategy: 'fast-forward' }, { strategy: 'merge', status: 'merged' }]);
    isWhole(made);
  });

  it('works with ids of SHA-256', async () => {
    const made = mergeScene();
    const path = join(made.repo.root, 'sha256');
    made.repo.git('init', '-q', '-b', 'main', '--object-format=sha256', path);
    made.repo.commit('first', { f: 'f\n' }, path);
    for (const branch of ['feat/a', 'feat/b']) {
      made.repo.gitIn(path, 'worktree', 'add', '-q', '-b', branch, `${path}-wt/${branch}`);
      made.repo.commit(branch, { [branch]: 'x\n' }, `${path}-wt/${branch}`);
    }
    const [, answer] = await made.merge({ worktree: ['feat/a', 'feat/b'] }, { cwd: path });
    expect(answer).toMatchObject({
      status: 'merged',
      strategy: 'merge',
      target_after: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("is not led astray by the user's options for merges", async () => {
    const made = mergeScene({
      base: { f: numbered(), g: 'g\n' },
      env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.abbrev', GIT_CONFIG_VALUE_0: '12' },
    });
    made.branch('feat/a', { f: numbered([5, 'a']) });
    made.repo.git('checkout', '-q', '-b', 'odd=name');
    made.repo.git('config', 'branch.odd=name.mergeOptions', '--no-ff --squash -s ours');
    made.repo.git('config', 'merge.ff', 'false');
    made.repo.git('config', 'merge.autoStash', 'true');
    put(made, 'f', 'mine\n');
    const input = { worktree: ['feat/a'], into: 'odd=name' };
    expect(await refusal(made.merge(input))).toMatchObject({ code: 'dirty_target' });
    made.repo.git('checkout', '-q', 'f');
    await made.merge(input);
    expect(made.repo.git('rev-parse', 'odd=name')).toBe(made.repo.git('rev-parse', 'feat/a'));
    isWhole(made);
  });

  it('runs no hooks', async () => {
    const made = scene();
    made.commit({ g: 'G\n' });
    const hooks = join(made.repo.path, '.git', 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of ['pre-commit', 'commit-msg', 'pre-merge-commit', 'post-merge', 'post-checkout'])
      writeFileSync(join(hooks, name), `#!/bin/sh\ntouch '${made.repo.root}/ran-${name}'\nexit 1\n`, {
        mode: 0o755,
      });
    expect(await made.merge({ worktree: ['feat/a'] })).toMatchObject([{ status: 'merged' }]);
    expect(readdirSync(made.repo.root).filter((name) => name.startsWith('ran-'))).toEqual([]);
  });

  it('signs merge commits where the user signs commits', async () => {
    const made = scene();
    made.commit({ g: 'G\n' });
    const gpg = join(made.repo.root, 'gpg');
    writeFileSync(
      gpg,
      '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED D 1 8 00 1 X" >&2\necho "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----"\n',
      { mode: 0o755 },
    );
    made.repo.git('config', 'gpg.program', gpg);
    made.repo.git('config', 'commit.gpgSign', 'true');
    writeFileSync(`${gpg}-fails`, '#!/bin/sh\nexit 2\n', { mode: 0o755 });
    made.repo.git('config', 'gpg.program', `${gpg}-fails`);
    const before = traces(made);
    const failure = await made.merge({ worktree: ['feat/a'] }).catch((error) => error);
    expect(failure.message).toBe('git could not sign the commit: gpg failed to sign the data');
    expect(failure.hint).toContain('commit.gpgSign=false');
    expect(traces(made)).toEqual(before);
    made.repo.git('config', 'gpg.program', gpg);
    await made.merge({ worktree: ['feat/a'] });
    expect(made.repo.git('cat-file', '-p', 'main')).toContain('gpgsig -----BEGIN PGP SIGNATURE-----');
  });

  it('needs an identity for a merge commit only, and says so before anything is changed', async () => {
    const made = mergeScene({
      base: { f: 'f\n' },
      env: {
        GIT_AUTHOR_NAME: undefined,
        GIT_AUTHOR_EMAIL: undefined,
        GIT_COMMITTER_NAME: undefined,
        GIT_COMMITTER_EMAIL: undefined,
      },
    });
    made.repo.git('config', 'user.useConfigOnly', 'true');
    made.branch('feat/a', { a: 'a\n' });
    made.branch('feat/b', { b: 'b\n' });
    expect(await made.merge({ worktree: ['feat/a'] })).toMatchObject([{ status: 'merged' }]);
    const before = traces(made);
    expect(await made.merge({ worktree: ['feat/b'], dryRun: true })).toMatchObject([
      { status: 'dry-run-clean' },
    ]);
    expect(await refusal(made.merge({ worktree: ['feat/b'] }))).toMatchObject({
      code: 'identity_missing',
      kind: 'usage',
    });
    expect(traces(made)).toEqual(before);
  });
});

describe('a checked-out target', () => {
  it('keeps uncommitted changes that the landing does not touch', async () => {
    const made = scene();
    put(made, 'g', 'edited\n');
    put(made, 'mine', 'untracked\n');
    put(made, 'staged', 'staged\n');
    made.repo.git('add', 'staged');
    await made.merge({ worktree: ['feat/a'] });
    expect(made.repo.git('status', '--porcelain').split('\n')).toEqual([' M g', 'A  staged', '?? mine']);
    expect(at(made, 'g')).toBe('edited\n');
    expect(at(made, 'new')).toBe('new\n');
  });

  const base = { '.gitignore': '*.ign\n', gone: 'gone\n', 'dir/x': 'x\n' };
  const work = (folder: string) => {
    writeFileSync(join(folder, 'kept.ign'), 'theirs\n');
    execFileSync('git', ['add', '-f', 'kept.ign'], { cwd: folder });
    rmSync(join(folder, 'gone'));
    rmSync(join(folder, 'dir'), { recursive: true });
    writeFileSync(join(folder, 'dir'), 'a file now\n');
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'file'), 'theirs\n');
  };
  it.each<[string, (made: MergeScene) => void, string[]]>([
    ['a changed file', (made) => put(made, 'f', 'mine\n'), ['f']],
    ['a staged file', (made) => [put(made, 'f', 'mine\n'), made.repo.git('add', 'f')], ['f']],
    ['an untracked file', (made) => put(made, 'new', 'mine\n'), ['new']],
    ['an untracked file with the same content', (made) => put(made, 'new', 'new\n'), ['new']],
    ['an ignored file', (made) => put(made, 'kept.ign', 'mine\n'), ['kept.ign']],
    ['a folder where a file is to be', (made) => put(made, 'new/x', 'mine\n'), ['new/x']],
    ['a file where a folder is to be', (made) => put(made, 'deep', 'mine\n'), ['deep']],
    [
      'an ignored file in a folder that becomes a file',
      (made) => put(made, 'dir/mine.ign', 'mine\n'),
      ['dir/mine.ign'],
    ],
    ['a changed file that was deleted', (made) => put(made, 'gone', 'mine\n'), ['gone']],
    ['several', (made) => [put(made, 'f', 'mine\n'), put(made, 'kept.ign', 'mine\n')], ['f', 'kept.ign']],
  ])('refuses to lose %s, by name', async (_, disturb, paths) => {
    const made = scene(base);
    made.commit(work, made.a);
    disturb(made);
    const before = traces(made);
    const [dry] = await made.merge({ worktree: ['feat/a'], dryRun: true });
    expect(dry?.status).toBe('dry-run-clean');
    expect(dry?.warnings).toMatchObject([
      { code: 'dirty_target', message: expect.stringContaining(paths[0] ?? '') },
    ]);
    expect(traces(made)).toEqual(before);
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'dirty_target',
      kind: 'refused',
      paths,
    });
    const tracked = ({ files }: { files: [string, string][] }) =>
      files.filter(([path]) => !/\/\.git\/(?:objects|ORIG_HEAD|index)/.test(path));
    expect(tracked(traces(made) as never)).toEqual(tracked(before as never));
    expect((await (await made.hub()).intents.list()).length).toBe(0);
  });

  it.each<[string, (made: MergeScene) => void]>([
    ['merge', (made) => void expect(() => made.repo.git('merge', 'side')).toThrow()],
    ['rebase', (made) => void expect(() => made.repo.git('rebase', 'side')).toThrow()],
    ['cherry-pick', (made) => void expect(() => made.repo.git('cherry-pick', 'side')).toThrow()],
    ['revert', (made) => void expect(() => made.repo.git('revert', 'HEAD~1')).toThrow()],
    ['bisect', (made) => made.repo.git('bisect', 'start', 'HEAD', 'HEAD~2')],
  ])('is refused in the middle of a %s', async (operation, begin) => {
    const made = scene();
    made.branch('side', { g: 'side\n' });
    made.commit({ g: 'main\n' });
    made.commit({ g: 'main again\n' });
    begin(made);
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'main' }))).toMatchObject({
      code: 'operation_in_progress',
      operation,
      worktree: made.repo.path,
    });
    const [dry] = await made.merge({ worktree: ['feat/a'], into: 'main', dryRun: true });
    expect(dry?.status).toBe('dry-run-clean');
    expect(dry?.warnings[0]?.code).toBe('operation_in_progress');
  });

  it('is refused while its index is locked, naming the lock and its age, which stays', async () => {
    const made = scene();
    const lock = join(made.repo.path, '.git', 'index.lock');
    writeFileSync(lock, '');
    utimesSync(lock, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'operation_in_progress',
      path: lock,
      age: expect.stringMatching(/^2m/),
      owner: userInfo().username,
    });
    expect(existsSync(lock)).toBe(true);
    const fresh = made.merge({ worktree: ['feat/a'] });
    rmSync(lock);
    expect(await fresh).toMatchObject([{ status: 'merged' }]);
    const own = made.repo.gitIn(made.at('feat/a'), 'rev-parse', '--git-path', 'index.lock');
    writeFileSync(own, '');
    writeFileSync(join(made.at('feat/a'), 'more'), '');
    expect(await refusal(made.merge({ worktree: ['feat/a'], commit: true }))).toMatchObject({
      code: 'operation_in_progress',
      path: own,
    });
    expect(existsSync(own)).toBe(true);
  });

  it('is refused while a path is unmerged there', async () => {
    const made = scene();
    put(made, 'g', 'stashed\n');
    made.repo.git('stash', '-q');
    made.commit({ g: 'main\n' });
    expect(() => made.repo.git('stash', 'pop')).toThrow();
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'dirty_target',
      paths: ['g'],
    });
  });

  it('is refused when its folder is not there, though it is registered and locked', async () => {
    const made = scene();
    const away = made.branch('away', { away: 'away\n' });
    made.repo.git('worktree', 'lock', away);
    rmSync(away, { recursive: true });
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'away' }))).toMatchObject({
      code: 'not_this_worktree',
    });
  });

  it('is refused when two worktrees have it', async () => {
    const made = scene();
    const twice = join(made.repo.root, 'twice');
    made.repo.git('worktree', 'add', '-q', '-f', twice, 'main');
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({ code: 'branch_checked_out' });
  });

  it('does not stop the others when one is refused', async () => {
    const made = scene();
    made.branch('feat/b', { b: 'b\n' });
    put(made, 'new', 'mine\n');
    const answers = await made.merge({ worktree: ['feat/a', 'feat/b'] });
    expect(answers).toMatchObject([
      { status: null, error: { code: 'dirty_target', details: { paths: ['new'] } } },
      { status: 'merged', strategy: 'fast-forward', error: null },
    ]);
    expect(made.repo.git('rev-parse', 'main')).toBe(made.repo.git('rev-parse', 'feat/b'));
    expect(at(made, 'new')).toBe('mine\n');
  });
});

describe('a target that moves between the look and the landing', () => {
  /** The hub, with something happening just before the target is moved. */
  const meanwhile = (act: () => void) => (hub: Hub) => ({
    ...hub,
    landings: new Proxy(hub.landings, {
      get: (landings, name) => {
        if (name === 'land') act();
        return landings[name as 'land'];
      },
    }),
  });

  it.each<[string, boolean, (made: MergeScene) => void]>([
    [
      'on, checked out nowhere',
      false,
      ({ repo }) => repo.git('update-ref', 'refs/heads/target', 'elsewhere'),
    ],
    ['away, checked out nowhere', false, ({ repo }) => repo.git('update-ref', '-d', 'refs/heads/target')],
    [
      'back, checked out nowhere',
      false,
      ({ repo }) => repo.git('update-ref', 'refs/heads/target', 'target~1'),
    ],
    ['on, checked out', true, (made) => made.commit({ late: 'late\n' })],
    ['back, checked out', true, ({ repo }) => repo.git('reset', '-q', '--hard', 'HEAD~1')],
    ['to another branch there', true, ({ repo }) => repo.git('checkout', '-q', 'elsewhere')],
  ])('is refused when it went %s', async (_, isCheckedOut, act) => {
    const made = scene();
    made.repo.git('branch', 'elsewhere', 'main~1');
    made.repo.git('branch', 'target', 'main');
    if (isCheckedOut) made.repo.git('checkout', '-q', 'target');
    let state = '';
    const look = () => made.repo.git('for-each-ref') + made.repo.git('status', '--porcelain', '--branch');
    const tamper = meanwhile(() => {
      act(made);
      state = look();
    });
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'target' }, { tamper }))).toMatchObject({
      code: 'target_moved',
      kind: 'refused',
    });
    expect(look()).toBe(state);
  });

  it('is refused by the compare-and-swap itself when it moves at the last moment', async () => {
    const made = scene();
    made.repo.git('branch', 'target', 'main');
    const hook = join(made.repo.path, '.git', 'hooks', 'reference-transaction');
    mkdirSync(join(hook, '..'), { recursive: true });
    const ref = join(made.repo.path, '.git', 'refs', 'heads', 'target');
    // Before git takes the lock nothing can be hooked in; a lock of somebody else's is what a race looks like.
    writeFileSync(`${ref}.lock`, '');
    expect(await refusal(made.merge({ worktree: ['feat/a'], into: 'target' }))).toMatchObject({
      code: 'operation_in_progress',
      path: `${ref}.lock`,
    });
    rmSync(`${ref}.lock`);
    expect(made.repo.git('rev-parse', 'target')).toBe(made.repo.git('rev-parse', 'main'));
  });

  it('is landed by git and finished by wt when somebody has the branch locked for a moment', async () => {
    const made = scene();
    const lock = join(made.repo.path, '.git', 'refs', 'heads', 'main.lock');
    const tamper = meanwhile(() => {
      writeFileSync(lock, '');
      setTimeout(() => rmSync(lock), 150);
    });
    expect(await made.merge({ worktree: ['feat/a'] }, { tamper })).toMatchObject([{ status: 'merged' }]);
    isWhole(made);
  });

  it('is as before when somebody keeps the branch locked', async () => {
    const made = scene();
    put(made, 'g', 'edited\n');
    const lock = join(made.repo.path, '.git', 'refs', 'heads', 'main.lock');
    writeFileSync(lock, '');
    expect(await refusal(made.merge({ worktree: ['feat/a'] }))).toMatchObject({
      code: 'operation_in_progress',
      path: lock,
    });
    rmSync(lock);
    expect(made.repo.git('status', '--porcelain')).toBe(' M g');
    expect(made.repo.git('rev-parse', 'main')).not.toBe(made.repo.git('rev-parse', 'feat/a'));
  });
});
