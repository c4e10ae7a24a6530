import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { codes, lines, look, merges, short, three } from '../../support/conflict-looks.ts';
import { importCommits } from '../../support/imports.ts';
import { mergeScene, traces } from '../../support/merges.ts';

describe('the matrix of conflicts', () => {
  it('knows that two spellings of a name are one file where case does not count, and asks no git more', async () => {
    const made = mergeScene({
      branches: {
        a: { 'docs/Readme.md': 'a\n', É: 'a\n', f: 'a\n' },
        b: { 'docs/README.md': 'b\n', é: 'b\n' },
        c: { 'docs/README.md': 'b\n', f: 'c\n' },
      },
    });
    expect(short(await look(made))).toEqual([['a', 'c', 'f add_add']]);
    const gits = made.commands.length;
    made.repo.git('config', 'core.ignorecase', 'true');
    for (const again of ['the first time', 'from memory']) {
      expect([again, ...short(await look(made))]).toEqual([
        again,
        ['a', 'b', 'docs/README.md add_add', 'docs/Readme.md add_add', 'É add_add', 'é add_add'],
        ['a', 'c', 'docs/README.md add_add', 'docs/Readme.md add_add', 'f add_add'],
      ]);
      expect(made.commands.length).toBeLessThanOrEqual(gits);
    }
    made.repo.git('config', 'core.ignorecase', 'false');
    expect(short(await look(made))).toEqual([['a', 'c', 'f add_add']]);
  });

  it('names the paths of every pair and of every base, and how they collide', async () => {
    const answer = await look(three());
    expect(short(answer)).toEqual([
      ['a', 'b', 'f content'],
      ['b', 'base:main', 'g modify_delete'],
    ]);
    expect(answer.worktrees.map(({ id, dirty }) => [id, dirty])).toEqual([
      ['main', false],
      ['a', false],
      ['b', false],
      ['c', false],
    ]);
    expect(answer.warnings).toEqual([]);
  });

  it('is of the worktrees that are asked for, or of each and another ref', async () => {
    const made = three();
    expect(short(await look(made, { selected: ['a', 'c'] }))).toEqual([['a', 'b', 'f content']]);
    expect(short(await look(made, { against: 'b' }))).toEqual([
      ['main', 'base:b', 'g delete_modify'],
      ['a', 'base:b', 'f content'],
    ]);
    expect(short(await look(made, { against: 'a', selected: ['b'] }))).toEqual([
      ['b', 'base:a', 'f content'],
    ]);
  });

  it('counts what is not committed and untracked, and touches neither index, files, refs nor objects', async () => {
    const made = three();
    writeFileSync(join(made.at('c'), 'f'), lines(5, 'c'));
    writeFileSync(join(made.at('c'), 'new'), 'c\n');
    writeFileSync(join(made.at('a'), 'new'), 'a\n');
    writeFileSync(join(made.repo.path, 'sub', 'h'), lines(3, 'main'));
    const temporary = join(made.repo.root, 'tmp');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const before = traces(made);
    const heads = await look(made, { headsOnly: true });
    expect(short(heads)).toEqual([
      ['a', 'b', 'f content'],
      ['b', 'base:main', 'g modify_delete'],
    ]);
    const answer = await look(made);
    expect(short(answer)).toEqual([
      ['main', 'b', 'g modify_delete'],
      ['main', 'c', 'sub/h content'],
      ['a', 'b', 'f content'],
      ['a', 'c', 'f content', 'new add_add'],
      ['b', 'base:main', 'g modify_delete'],
      ['b', 'c', 'f content'],
    ]);
    expect(answer.worktrees.map(({ dirty }) => dirty)).toEqual([true, true, false, true]);
    expect(heads.worktrees.map(({ dirty }) => dirty)).toEqual([null, null, null, null]);
    expect(short(await look(made))).toEqual(short(answer));
    expect(merges(made)).toBe(0); // the same trees as before
    expect(traces(made)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('takes the same few processes for any number of branches, and fewer when it has seen them', async () => {
    const made = mergeScene({ base: { f: lines() } });
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    importCommits(made.repo, [
      { name: 'first', tree: { f: lines() }, parents: [] },
      ...names.map((name, at) => ({
        name,
        tree: { f: lines(at < 2 ? 5 : undefined, name), [name]: name },
        parents: ['first'],
      })),
    ]);
    made.repo.git('update-ref', 'refs/heads/main', 'first');
    for (const name of names)
      made.repo.git('worktree', 'add', '-q', '--no-checkout', join(made.repo.root, name), name);
    expect(short(await look(made, { headsOnly: true }))).toEqual([['n0', 'n1', 'f content']]);
    const asked = made.commands.map((line) => line.replace(/^.*?\$ git (?:-c \S+ )*/, '').split(' ')[0]);
    expect(asked.sort()).toEqual([
      'config',
      'diff-tree',
      'diff-tree',
      'for-each-ref',
      'merge-tree',
      'rev-list',
      'worktree',
    ]);
    await look(made, { headsOnly: true });
    expect(made.commands).toHaveLength(3);
  });
});

describe('what is remembered of conflicts', () => {
  it('is asked again for the branch that moved alone', async () => {
    const made = three();
    const first = await look(made);
    made.commit({ f: lines(5, 'c') }, made.at('c'));
    expect(short(await look(made))).toEqual([
      ...short(first).slice(0, 1),
      ['a', 'c', 'f content'],
      ...short(first).slice(1),
      ['b', 'c', 'f content'],
    ]);
    expect(merges(made)).toBe(1);
    made.repo.git('-C', made.at('c'), 'reset', '-q', '--hard', 'HEAD^');
    expect(short(await look(made))).toEqual(short(first));
    expect(merges(made)).toBe(0);
  });
});

describe('worktrees that are not whole', () => {
  it('are unknown, never clean: no common history, no commit, no base, no folder, no way to read them', async () => {
    const made = three();
    made.repo.git('worktree', 'add', '-q', '--detach', join(made.repo.root, 'odd'));
    made.repo.gitIn(join(made.repo.root, 'odd'), 'checkout', '-q', '--orphan', 'odd');
    made.repo.gitIn(join(made.repo.root, 'odd'), 'commit', '-q', '-m', 'odd');
    made.repo.git('worktree', 'add', '-q', '--detach', join(made.repo.root, 'unborn'));
    made.repo.gitIn(join(made.repo.root, 'unborn'), 'checkout', '-q', '--orphan', 'unborn');
    rmSync(made.at('a'), { recursive: true });
    writeFileSync(join(made.at('c'), 'secret'), 'no\n');
    chmodSync(join(made.at('c'), 'secret'), 0);
    const answer = await look(made);
    expect(short(answer)).toEqual([
      ['a', 'b', 'f content'],
      ['b', 'base:main', 'g modify_delete'],
    ]);
    const about = answer.warnings.map(({ code, message }) => [code, message.split(/[: ]/)[0]]);
    expect(about).toContainEqual(['folder_missing', 'a']);
    expect(about).toContainEqual(['no_commits', 'unborn']);
    expect(codes(answer).filter((code) => code === 'unrelated_histories')).toHaveLength(4);
    const root = process.getuid?.() === 0; // who may read everything
    expect(codes(answer).includes('work_unreadable')).toBe(!root);
    expect(answer.worktrees.find(({ id }) => id === 'a')?.dirty).toBe(null);
  });

  it('go by their path in the middle of a rebase, and count as their files are', async () => {
    const made = three();
    expect(() => made.repo.gitIn(made.at('b'), 'rebase', '-q', 'a')).toThrow();
    const answer = await look(made);
    const id = made.at('b');
    expect(answer.worktrees.find(({ path }) => path === id)).toMatchObject({ id, branch: null, dirty: true });
    expect(short(answer).flat()).not.toContain('b');
  });

  it('do not stand in the way of the others when git crashes on them', async () => {
    const made = three();
    const bad = made.repo.git('rev-parse', 'b');
    const bin = join(made.repo.root, 'bin');
    mkdirSync(bin);
    const real = made.repo.git('--exec-path');
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/bash\ncase "$*" in *merge-tree*) input=$(cat); case "$input" in *${bad}*) kill -ABRT $$;; esac; printf '%s\\n' "$input" | exec ${real}/git "$@";; *) exec ${real}/git "$@";; esac\n`,
      { mode: 0o755 },
    );
    made.env.PATH = `${bin}:${made.env.PATH}`;
    made.commit({ f: lines(5, 'c') }, made.at('c'));
    const answer = await look(made);
    expect(short(answer)).toEqual([['a', 'c', 'f content']]);
    expect(codes(answer)).toEqual(['conflicts_unknown', 'conflicts_unknown', 'conflicts_unknown']);
  });

  it('have names and files of any bytes', async () => {
    const made = mergeScene();
    const odd = Buffer.from([0x63, 0xe9]).toString('latin1');
    const tree = (text: string) => ({ [odd]: text, 'b"\n': `\0${text}` });
    importCommits(made.repo, [
      { name: 'first', tree: tree('1'), parents: [] },
      { name: 'two', tree: tree('2'), parents: ['first'] },
      { name: 'three', tree: tree('3'), parents: ['first'] },
    ]);
    for (const name of ['two', 'three'])
      made.repo.git('worktree', 'add', '-q', join(made.repo.root, name), name);
    writeFileSync(
      Buffer.concat([Buffer.from(join(made.repo.root, 'two/')), Buffer.from(odd, 'latin1')]),
      '22',
    );
    expect(short(await look(made)).filter(([, b]) => b === 'two')).toEqual([
      ['three', 'two', 'b"\n binary', 'c\\xE9 content'],
    ]);
  });
});
