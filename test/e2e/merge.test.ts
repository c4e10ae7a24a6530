import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src/domain/answers/common.ts';
import { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { wt } from '../support/bin.ts';
import { dispatchScene } from '../support/dispatches.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

function scene(...branches: [string, Record<string, string>][]): TestRepo {
  const repo = makeRepo();
  for (const [branch, files] of branches) {
    const path = join(repo.root, 'jerry-wt', branch);
    repo.git('worktree', 'add', '-q', '--no-track', '-b', branch, path);
    repo.commit(branch, files, path);
  }
  return repo;
}

const checked = (value: unknown): MergeAnswer => {
  const answer = MergeAnswer.parse(value);
  expect(answer).toEqual(value);
  return answer;
};

describe('wt merge', () => {
  it('lands, names conflicts, and exits 3, with one object for one worktree and an array for several', async () => {
    const repo = scene(['feat/a', { f: 'a\n' }], ['feat/b', { f: 'b\n' }], ['feat/c', { c: 'c\n' }]);
    const run = (...args: string[]) => wt(repo.path, repo.env, ['merge', ...args]);
    const dry = await run('feat/a', 'feat/b', '-n', '--json');
    expect(dry.code).toBe(3);
    expect((dry.json() as unknown[]).map((each) => checked(each).status)).toEqual([
      'dry-run-clean',
      'dry-run-conflicts',
    ]);

    const landed = await run('feat/a', '--json');
    expect([landed.code, landed.stderr]).toEqual([0, '']);
    expect(checked(landed.json())).toMatchObject({ status: 'merged', strategy: 'fast-forward' });

    const text = await run('feat/b', 'feat/c');
    expect(text.code).toBe(3);
    const short = (revision: string) => repo.git('rev-parse', revision).slice(0, 8);
    expect(text.stdout.replace(/[0-9a-f]{10}/g, '<id>').split('\n')).toEqual([
      'feat/c landed on main with a merge commit (<id>..<id>, tree <id>)',
      '  turn 1: it conflicts with none of the others',
      'feat/b conflicts with main; nothing was changed',
      '  f: both added it',
      `    main: ${short('feat/a')} feat/a (Ada)`,
      `    feat/b: ${short('feat/b')} feat/b (Ada)`,
      '  turn 2: it conflicts with main',
      '  next: wt merge feat/b --resolve',
      '',
    ]);

    const again = await run('feat/c', '--ndjson');
    expect([again.code, again.stdout.split('\n').length]).toEqual([0, 2]);
    expect(checked(JSON.parse(again.stdout)).status).toBe('up-to-date');
  });

  it('answers a refusal with the error document and exit 4, and of several in their elements', async () => {
    const repo = scene(['feat/a', { a: 'a\n' }], ['feat/b', { b: 'b\n' }]);
    writeFileSync(join(repo.path, 'a'), 'mine\n');
    const one = await wt(repo.path, repo.env, ['merge', 'feat/a', '--json']);
    expect(one.code).toBe(4);
    expect(ErrorDocument.parse(one.json()).error).toMatchObject({
      code: 'dirty_target',
      details: { target: 'main', worktree: repo.path, paths: ['a'] },
    });
    const several = await wt(repo.path, repo.env, ['merge', 'feat/a', 'feat/b', '--json']);
    expect(several.code).toBe(4);
    expect((several.json() as unknown[]).map((each) => checked(each))).toMatchObject([
      { status: null, error: { code: 'dirty_target' } },
      { status: 'merged', error: null },
    ]);
  });

  it.each([
    [['merge', 'feat/a', '--strategy', 'octopus'], 2],
    [['merge', 'feat/a', '-a'], 2],
    [['merge'], 2],
    [['merge', 'feat/a', '-m', ' '], 2],
    [['merge', 'feat/a', '--push'], 2],
    [['merge', 'feat/b'], 5],
    [['merge', 'feat/a', '--into', 'nowhere'], 5],
  ])('ends %j with %i, before anything is changed', async (args, code) => {
    const repo = scene(['feat/a', { a: 'a\n' }]);
    const before = repo.git('rev-parse', 'main');
    expect((await wt(repo.path, repo.env, args)).code).toBe(code);
    expect(repo.git('rev-parse', 'main')).toBe(before);
  });

  it('-a takes what agents have completed', async () => {
    const agents = dispatchScene(['feat/a', 'feat/b']);
    await agents.dispatch('feat/b', ['@write b.txt b', '@commit b', '@say done']);
    await agents.dispatch('feat/a', ['@say nothing']);
    const ran = await agents.wt(['merge', '-a', '--json']);
    expect(ran.code).toBe(0);
    expect((ran.json() as unknown[]).map((each) => checked(each))).toMatchObject([
      { branch: 'feat/b', status: 'merged', reason: null },
      { branch: 'feat/a', status: 'skipped', reason: 'not_complete' },
    ]);
  });
});
