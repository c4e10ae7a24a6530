import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Edits, type MergeScene, mergeScene } from '../support/merges.ts';

const lines = (changed: Readonly<Record<number, string>> = {}, end = '\n') =>
  Array.from({ length: 20 }, (_, at) => `${changed[at] ?? `line ${at}`}${end}`).join('');
const pointer = (digit: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${digit.repeat(64)}\nsize 12345\n`;
const odd = (name: string) => Buffer.from(name, 'latin1');
const putOdd = (folder: string, name: string, text: string) =>
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), odd(name)]), text);
const names = ['with space', 'with "quotes"', "it's", 'tab\there', 'line\nbreak', '-n', ':(top)x', 'ä'];

/** What git itself makes of it: a merge in a clone. */
function asGitMerges({ repo }: MergeScene, branch: string): { tree: string; unmerged: string } {
  const clone = join(repo.root, 'clone');
  rmSync(clone, { recursive: true, force: true });
  execFileSync('git', ['clone', '-q', '--no-local', repo.path, clone], { env: repo.env });
  const git = (...args: string[]) => repo.gitIn(clone, '-c', 'core.quotePath=true', ...args);
  try {
    git('merge', '-q', '--no-ff', '-m', 'x', `origin/${branch}`);
  } catch {
    return { tree: '', unmerged: git('diff', '--name-only', '--diff-filter=U') };
  }
  return { tree: git('rev-parse', 'HEAD^{tree}'), unmerged: '' };
}

type Case = { readonly base: Edits; readonly branch: Edits; readonly main: Edits };

const clean: Readonly<Record<string, Case>> = {
  'names with spaces, quotes, newlines and bytes that are not UTF-8': {
    base: (folder) => {
      for (const name of names) writeFileSync(join(folder, name), lines());
      putOdd(folder, 'caf\xe9', lines());
    },
    branch: (folder) => {
      for (const name of names) writeFileSync(join(folder, name), lines({ 2: 'branch' }));
      putOdd(folder, 'caf\xe9', lines({ 2: 'branch' }));
      putOdd(folder, 'neu\xff', 'new\n');
    },
    main: (folder) => {
      for (const name of names) writeFileSync(join(folder, name), lines({ 17: 'main' }));
      putOdd(folder, 'caf\xe9', lines({ 17: 'main' }));
    },
  },
  'a rename of which only the case changes': {
    base: { 'Docs/Readme.md': lines() },
    branch: (folder) => {
      renameSync(join(folder, 'Docs', 'Readme.md'), join(folder, 'Docs', 'README.md'));
      renameSync(join(folder, 'Docs'), join(folder, 'docs'));
    },
    main: { 'Docs/Readme.md': lines({ 3: 'main' }) },
  },
  'line ends that attributes ask for': {
    base: {
      '.gitattributes': '*.bat text eol=crlf\n*.txt text=auto\n',
      'run.bat': lines({}, '\r\n'),
      'a.txt': lines(),
    },
    branch: { 'run.bat': lines({ 3: 'branch' }, '\r\n'), 'new.bat': 'new\r\n' },
    main: { 'run.bat': lines({ 15: 'main' }, '\r\n') },
  },
  'pointers of Git LFS, without Git LFS': {
    base: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'a.bin': pointer('1') },
    branch: { 'a.bin': pointer('2'), 'b.bin': pointer('3') },
    main: { 'c.bin': pointer('4') },
  },
  'a folder that becomes a symlink': {
    base: { 'shared/x': 'x\n', 'dir/x': 'x\n' },
    branch: (folder) => {
      rmSync(join(folder, 'dir'), { recursive: true });
      symlinkSync('shared', join(folder, 'dir'));
    },
    main: { 'shared/y': 'y\n' },
  },
};

const conflicting: Readonly<Record<string, Case & { readonly conflicts: readonly [string, string][] }>> = {
  'names with spaces, quotes, newlines and bytes that are not UTF-8': {
    base: clean['names with spaces, quotes, newlines and bytes that are not UTF-8']?.base ?? {},
    branch: (folder) => {
      writeFileSync(join(folder, 'line\nbreak'), lines({ 3: 'branch' }));
      putOdd(folder, 'caf\xe9', lines({ 3: 'branch' }));
    },
    main: (folder) => {
      writeFileSync(join(folder, 'line\nbreak'), lines({ 3: 'main' }));
      putOdd(folder, 'caf\xe9', lines({ 3: 'main' }));
    },
    conflicts: [
      ['caf\\xE9', 'content'],
      ['line\nbreak', 'content'],
    ],
  },
  'a symlink against a folder': {
    base: { shared: 'x\n' },
    branch: (folder) => symlinkSync('shared', join(folder, 'thing')),
    main: { 'thing/x': 'x\n' },
    conflicts: [['thing', 'location']],
  },
  'pointers of Git LFS': {
    base: { 'a.bin': pointer('1') },
    branch: { 'a.bin': pointer('2') },
    main: { 'a.bin': pointer('3') },
    conflicts: [['a.bin', 'content']],
  },
  'two renames of which only the case differs': {
    base: { readme: lines() },
    branch: (folder) => renameSync(join(folder, 'readme'), join(folder, 'README.txt')),
    main: (folder) => renameSync(join(folder, 'readme'), join(folder, 'Readme.txt')),
    conflicts: [
      ['README.txt', 'rename'],
      ['Readme.txt', 'rename'],
      ['readme', 'rename'],
    ],
  },
};

function scene({ base, branch, main }: Case): MergeScene {
  const made = mergeScene({ name: 'jerry', base });
  made.branch('feat/a', branch);
  made.commit(main);
  return made;
}

describe('what lands is what git merges', () => {
  it.each(Object.keys(clean))('with %s', async (name) => {
    const made = scene(clean[name] as Case);
    const { tree } = asGitMerges(made, 'feat/a');
    const [dry] = await made.merge({ worktree: ['feat/a'], dryRun: true });
    expect(dry).toMatchObject({ status: 'dry-run-clean', merge_tree: tree });
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    expect(answer).toMatchObject({ status: 'merged', merge_tree: tree });
    expect(made.repo.git('rev-parse', 'main^{tree}')).toBe(tree);
    expect(made.repo.git('status', '--porcelain')).toBe('');
    if (name.startsWith('line ends'))
      expect(readFileSync(join(made.repo.path, 'run.bat'), 'utf8')).toBe(
        lines({ 3: 'branch', 15: 'main' }, '\r\n'),
      );
  });

  it.each(Object.keys(conflicting))('and what conflicts is what conflicts there, with %s', async (name) => {
    const it = conflicting[name] as (typeof conflicting)[string];
    const made = scene(it);
    const head = made.repo.git('rev-parse', 'main');
    const { unmerged } = asGitMerges(made, 'feat/a');
    const [answer] = await made.merge({ worktree: ['feat/a'] });
    expect(answer?.status).toBe('conflicts');
    expect(answer?.conflicts.map(({ path, kind }) => [path, kind])).toEqual(it.conflicts);
    expect(unmerged.split('\n')).toHaveLength(it.conflicts.length);
    expect(answer?.escalations.map(({ ours_count, theirs_count }) => [ours_count, theirs_count])).toEqual(
      it.conflicts.map(() => [expect.any(Number), expect.any(Number)]),
    );
    expect(made.repo.git('rev-parse', 'main')).toBe(head);
    expect(made.repo.git('status', '--porcelain')).toBe('');
  });

  it('or nothing, where a branch has commits without changes, or none', async () => {
    const made = mergeScene({ base: { f: 'f\n' } });
    made.branch('equal', () => {});
    made.repo.gitIn(made.at('equal'), 'reset', '-q', '--hard', 'main');
    made.branch('void', () => {}); // one commit that changes nothing
    made.commit({ on: 'on\n' });
    mkdirSync(join(made.repo.root, 'x'));
    const before = made.repo.git('rev-parse', 'main');
    for (const strategy of ['auto', 'merge', 'squash', 'rebase'])
      expect(await made.merge({ worktree: ['equal'], strategy })).toMatchObject([
        { status: 'up-to-date', warnings: [] },
      ]);
    for (const strategy of ['squash', 'rebase'])
      expect(await made.merge({ worktree: ['void'], strategy })).toMatchObject([
        { status: 'up-to-date', warnings: [{ code: 'adds_nothing' }] },
      ]);
    expect(made.repo.git('rev-parse', 'main')).toBe(before);
    expect(await made.merge({ worktree: ['void'] })).toMatchObject([{ status: 'merged', strategy: 'merge' }]);
  });
});
