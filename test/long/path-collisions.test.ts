import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHub } from '../../src/adapters/hub.ts';
import { pathCollisions } from '../../src/application/path-collisions.ts';
import { makeRepo } from '../support/repo.ts';

const clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  uuid: () => crypto.randomUUID(),
};

/** A repository with these files, and worktrees on branches of these names. */
function scene(files: Record<string, string>, names: readonly string[]) {
  const repo = makeRepo();
  repo.commit('files', files);
  const at = (name: string) => join(repo.root, 'jerry-wt', name);
  for (const name of names) repo.git('worktree', 'add', '-q', '-b', name, at(name));
  const commands: string[] = [];
  /** Whom an edit of the path in `here` would meet: `<branch> <committed>/<uncommitted>`, and who is unknown. */
  const meet = async (path: string, here = 'own') => {
    const { signal } = new AbortController();
    const options = { cwd: repo.path, variables: repo.env, clock, home: repo.home, signal };
    const hub = await openHub({ ...options, trace: (line: string) => commands.push(line) });
    const worktrees = await hub.git.worktrees();
    const worktree = worktrees.find(({ branch }) => branch === here);
    if (worktree === undefined) throw new Error(`no worktree ${here}`);
    commands.length = 0;
    const { colliding, unknown } = await pathCollisions(hub, { worktree, path, worktrees });
    return [
      ...colliding.map(
        ({ worktree: { branch }, committed, uncommitted, renamedTo }) =>
          `${branch} ${committed ?? '-'}/${uncommitted ?? '-'}${renamedTo === undefined ? '' : ` ${renamedTo}`}`,
      ),
      ...unknown.map(({ worktree: { branch } }) => `${branch} unknown`),
    ];
  };
  const write = (name: string, file: string, text: string) => {
    mkdirSync(join(at(name), file, '..'), { recursive: true });
    writeFileSync(join(at(name), file), text);
  };
  const commit = (name: string, changed: Record<string, string> = {}) =>
    repo.commit('work', changed, at(name));
  return { repo, at, meet, write, commit, commands };
}

const text = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('');

describe('who else works at a path', () => {
  it('is told for commits, changed files and new ones, each by what it is', async () => {
    const odd = 'a dir/ä\n:x "y"*.txt';
    const files = { 'f.txt': text, 'g.txt': text, [odd]: text, 'same.txt': text, 'mode.sh': text };
    const names = ['own', 'committed', 'dirty', 'deleted', 'renamed', 'idle'];
    const { repo, at, meet, write, commit, commands } = scene(files, names);
    commit('committed', { 'f.txt': `${text}more\n`, 'new/x.txt': 'x\n' });
    commit('committed', { [odd]: 'else\n' });
    write('dirty', 'f.txt', 'else\n');
    write('dirty', 'new/x.txt', 'y\n');
    write('dirty', odd, 'else\n');
    rmSync(join(at('deleted'), 'f.txt'));
    rmSync(join(at('deleted'), 'g.txt'));
    commit('deleted');
    writeFileSync(join(at('deleted'), 'g.txt'), 'back\n');
    repo.gitIn(at('renamed'), 'mv', 'f.txt', 'moved.txt');
    commit('renamed');
    repo.gitIn(at('renamed'), 'rm', '-q', 'g.txt');
    chmodSync(join(at('dirty'), 'mode.sh'), 0o755);
    commit('idle', { 'other.txt': 'x\n', 'same.txt': 'changed\n' });
    write('own', 'same.txt', 'changed\n');

    expect(await meet('f.txt')).toEqual([
      'committed modified/-',
      'deleted deleted/-',
      'dirty -/modified',
      'renamed renamed/- moved.txt',
    ]);
    expect(await meet('new/x.txt')).toEqual(['committed added/-', 'dirty -/added']);
    expect(await meet(odd)).toEqual(['committed modified/-', 'dirty -/modified']);
    expect(await meet('g.txt')).toEqual(['deleted deleted/added', 'renamed -/deleted']);
    // what both hold alike, what nobody touched, and the other way about
    expect(await meet('same.txt')).toEqual([]);
    expect(await meet('README.md')).toEqual([]);
    expect(commands.map((line) => line.replace(/^.*\$ git (\S+).*$/s, '$1'))).toEqual(['cat-file']);
    expect(await meet('other.txt', 'dirty')).toEqual(['idle added/-']);
    write('own', 'mine.txt', 'x\n');
    expect(await meet('mine.txt', 'main')).toEqual(['own -/added']);
  });

  it('is nobody where the work has landed, is ignored, stands on ours, or is in a submodule', async () => {
    const { repo, at, meet, write, commit } = scene({ 'f.txt': text, '.gitignore': '*.log\n' }, [
      'own',
      'landed',
    ]);
    commit('landed', { 'f.txt': `${text}landed\n` });
    repo.git('merge', '-q', '--ff-only', 'landed');
    write('landed', 'x.log', 'x\n');
    expect(await meet('f.txt')).toEqual([]);
    expect(await meet('x.log')).toEqual([]);
    // main went on, which is no work of its checkout; the rest of ours is
    expect(await meet('f.txt', 'landed')).toEqual([]);
    commit('own', { 'own.txt': 'one\n' });
    repo.git('worktree', 'add', '-q', '-b', 'upon', at('upon'), 'own');
    commit('upon', { 'upon.txt': 'x\n' });
    commit('own', { 'own.txt': 'two\n' });
    expect(await meet('own.txt')).toEqual([]);
    expect(await meet('upon.txt')).toEqual(['upon added/-']);
    repo.git('init', '-q', join(at('landed'), 'sub'));
    write('landed', 'sub/f', 'x\n');
    expect(await meet('sub/f')).toEqual([]);
  });

  it('takes git at its word where filters make files that are no blobs', async () => {
    const files = { 'f.txt': text, '.gitattributes': '*.txt text eol=crlf\n' };
    const { at, meet, write, commit } = scene(files, ['own', 'crlf', 'edits']);
    expect(readFileSync(join(at('crlf'), 'f.txt'), 'utf8')).toContain('\r\n');
    write('own', 'f.txt', 'else\r\n');
    commit('own');
    appendFileSync(join(at('edits'), 'f.txt'), 'more\r\n');
    expect(await meet('f.txt')).toEqual(['edits -/modified']);
  });

  it('is whoever has a file where the path needs a folder, or a folder where it is a file', async () => {
    const { at, meet, write, commit } = scene({ 'f.txt': text }, ['own', 'file', 'folder', 'link', 'clean']);
    commit('file', { thing: 'x\n' });
    write('folder', 'thing/deep/x', 'x\n');
    symlinkSync('/tmp', join(at('link'), 'thing'));
    expect(await meet('thing/deep/mine')).toEqual(['file added/-', 'link -/added']);
    expect(await meet('thing')).toEqual(['file added/-', 'folder -/added', 'link -/added']);
  });

  it('is unknown, and said to be, where something cannot be read', async () => {
    const { repo, at, meet, write } = scene({ 'f.txt': text }, [
      'own',
      'stranger',
      'broken',
      'gone',
      'orphan',
    ]);
    rmSync(at('stranger'), { recursive: true });
    repo.git('init', '-q', at('stranger'));
    writeFileSync(join(repo.path, '.git/worktrees/broken/index'), 'garbage');
    write('broken', 'f.txt', 'changed\n');
    rmSync(at('gone'), { recursive: true });
    repo.gitIn(at('orphan'), 'switch', '-q', '--orphan', 'unborn');
    expect(await meet('f.txt')).toEqual(['stranger unknown', 'broken unknown']);
  });
});
