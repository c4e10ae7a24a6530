import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { ConflictsAnswer } from '../../src/domain/answers/conflicts.ts';
import { wt, wtBin } from '../support/bin.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const place = (repo: TestRepo, branch: string) => join(repo.root, 'jerry-wt', branch);

function scene(branches: Record<string, Record<string, string>>): TestRepo {
  const repo = makeRepo();
  for (const [branch, files] of Object.entries(branches)) {
    repo.git('worktree', 'add', '-q', '--no-track', '-b', branch, place(repo, branch));
    repo.commit(branch, files, place(repo, branch));
  }
  return repo;
}

const answerOf = (value: unknown): ConflictsAnswer => {
  const answer = ConflictsAnswer.parse(value);
  expect(answer).toEqual(value);
  return answer;
};

describe('wt conflicts', () => {
  it('says what collides with exit 3, and that nothing does with 0', async () => {
    const repo = scene({
      'feat/a': { f: 'a\n', 'src/x.ts': 'a\n' },
      'feat/b': { f: 'b\n' },
      'feat/c': { c: 'c\n' },
    });
    const run = (...args: string[]) => wt(repo.path, repo.env, ['conflicts', ...args]);
    const found = await run('--json');
    expect([found.code, found.stderr]).toEqual([3, '']);
    expect(answerOf(found.json()).pairs).toEqual([
      { a: 'feat/a', b: 'feat/b', conflicts: [{ path: 'f', kind: 'add_add' }] },
    ]);

    writeFileSync(join(repo.path, 'README.md'), 'main\n');
    writeFileSync(join(place(repo, 'feat/b'), 'README.md'), 'b\n');
    repo.commit('feat/b too', {}, place(repo, 'feat/b'));
    repo.commit('main too');
    const text = await run();
    expect([text.code, text.stderr]).toEqual([3, '']);
    expect(text.stdout.split('\n')).toEqual([
      '          base  1  2',
      ' 1 feat/a    ·     1',
      ' 2 feat/b    1  1   ',
      '',
      'feat/a and feat/b',
      '  f: both added it',
      'feat/b and its base main',
      '  README.md: both changed the same lines',
      `next: git -C ${place(repo, 'feat/b')} merge main, resolve and commit there`,
      'next: wt diff feat/a -- f',
      '      wt diff feat/b -- f',
      '      show both sides; the one that lands second has to resolve it',
      '',
    ]);

    const clean = await run('feat/c', '--heads-only');
    expect([clean.code, clean.stdout]).toEqual([0, 'no conflicts among 4 worktrees and their bases\n']);
    const lines = await run('--against', 'feat/a', '--ndjson');
    expect([lines.code, lines.stdout.split('\n').length]).toEqual([3, 2]);
    expect(answerOf(JSON.parse(lines.stdout)).pairs.map(({ a, b }) => [a, b])).toEqual([
      ['feat/b', 'base:feat/a'],
    ]);
  });

  it('says who would collide with an edit of a file here', async () => {
    const repo = scene({ 'feat/a': { 'src/x.ts': 'a\n' }, 'feat/b': { b: 'b\n' } });
    const here = place(repo, 'feat/b');
    mkdirSync(join(here, 'src'));
    const run = (cwd: string, ...args: string[]) => wt(cwd, repo.env, ['conflicts', ...args]);
    const found = await run(join(here, 'src'), '--path', 'x.ts', '--json');
    expect(found.code).toBe(3);
    expect(answerOf(found.json()).pairs).toEqual([
      { a: 'feat/b', b: 'feat/a', conflicts: [{ path: 'src/x.ts', kind: 'add_add' }] },
    ]);
    const text = await run(repo.path, 'feat/b', '--path', 'src/x.ts');
    expect(text.stdout).toBe(
      'an edit of src/x.ts in feat/b collides: feat/a adds it\nnext: wt diff feat/a -- src/x.ts shows what\n',
    );
    const none = await run(here, '--path', 'README.md');
    expect([none.code, none.stdout]).toEqual([0, 'no other worktree has work of its own on it\n']);
    for (const args of [
      ['--path', '../out'],
      ['--path', 'x', '--against', 'main'],
      ['feat/a', 'feat/b', '--path', 'x'],
    ])
      expect((await run(here, ...args)).code).toBe(2);
  });

  it('has nothing to compare where there are no worktrees, and says what it cannot find', async () => {
    const repo = makeRepo();
    const run = (...args: string[]) => wt(repo.path, repo.env, ['conflicts', ...args]);
    const alone = await run();
    expect([alone.code, alone.stdout]).toEqual([
      0,
      'there are no two worktrees to compare; wt create <name> makes one\n',
    ]);
    const missing = await run('--against', 'nowhere', '--json');
    expect([missing.code, ErrorDocument.parse(missing.json()).error.code]).toEqual([5, 'base_not_found']);
    expect((await run('nobody', '--json')).code).toBe(5);
    expect((await wt(repo.root, repo.env, ['conflicts'])).code).toBe(5);
  });

  it('watches: one line of JSON for each change, and ends with 130 and nothing left behind', async () => {
    const repo = scene({ 'feat/a': { f: 'a\n' }, 'feat/b': { b: 'b\n' } });
    const child = spawn(process.execPath, [wtBin, 'conflicts', '--watch', '--json'], {
      cwd: repo.path,
      env: { ...repo.env, WT_TEST_MARK: repo.root },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    let seen = () => {};
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      seen();
    });
    const answers = () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => answerOf(JSON.parse(line)));
    const until = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        seen = () => holds() && resolve();
        seen();
      });
    await until(() => answers().length === 1);
    expect(answers()[0]?.pairs).toEqual([]);
    repo.commit('collides', { f: 'b\n' }, place(repo, 'feat/b'));
    await until(() => answers().at(-1)?.pairs.length === 1);
    writeFileSync(join(place(repo, 'feat/b'), 'f'), 'a\n'); // seen by looking
    await until(() => answers().at(-1)?.pairs.length === 0);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });
});
