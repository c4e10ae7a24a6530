import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConflictsAnswer } from '../../src/domain/answers/conflicts.ts';
import { wt, wtBin } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { importCommits } from '../support/imports.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { startWt, stoppingGit } from '../support/shim.ts';

const root = dirname(dirname(wtBin));
const notQuick = 99;

/** A wt that has what looks at commits alone, and in place of the rest something that ends with 99. */
function withoutTheRest(repo: TestRepo): string {
  const place = join(repo.root, 'quick-only');
  mkdirSync(join(place, 'dist'), { recursive: true });
  for (const name of ['bin', 'dist/ahead.cjs', 'dist/quick.js', 'dist/quick.js.cache'])
    cpSync(join(root, name), join(place, name), { recursive: true });
  writeFileSync(join(place, 'dist', 'wt.js'), `(() => process.exit(${notQuick}))`);
  return join(place, 'bin', 'wt.js');
}

/** What the quick look alone gives, and what all of wt gives for the same words (`-v` goes the long way). */
async function both(repo: TestRepo, cwd: string, words: readonly string[] = ['--json']) {
  const bin = withoutTheRest(repo);
  const args = ['conflicts', '--heads-only', ...words];
  const ran = await wt(cwd, repo.env, args, {
    through: ['sh', '-c', `exec "$1" '${bin}' ${args.join(' ')}`, '-'],
  });
  const whole = await wt(cwd, repo.env, [...args, '-v']);
  return { quick: [ran.code, ran.stdout], whole: [whole.code, whole.stdout] };
}

const place = (repo: TestRepo, branch: string) => join(repo.root, 'jerry-wt', branch);

const memoryOf = (repo: TestRepo) => join(repo.path, '.git', 'wt', 'cache', 'conflicts.json');

/** Worktrees as wt and as git make them: two that collide, one that collides with its base, one with nobody. */
async function scene(): Promise<TestRepo> {
  const repo = makeRepo();
  for (const branch of ['feat/a', 'feat/b']) {
    expect((await wt(repo.path, repo.env, ['create', branch])).code).toBe(0);
    repo.commit(branch, { f: branch }, place(repo, branch));
  }
  for (const [branch, files] of [
    ['feat/c', { 'README.md': 'c\n' }],
    ['feat/d', { d: 'd\n' }],
  ] as const) {
    repo.git('worktree', 'add', '-q', '--no-track', '-b', branch, place(repo, branch));
    repo.commit(branch, files, place(repo, branch));
  }
  repo.commit('main too', { 'README.md': 'main\n' });
  return repo;
}

describe('the quick look at commits alone', () => {
  it('says what all of wt says, in every form, from everywhere, cold and remembered', async () => {
    const repo = await scene();
    const memory = memoryOf(repo);
    const deep = join(place(repo, 'feat/a'), 'deep');
    mkdirSync(deep);
    for (const cwd of [repo.path, deep, join(repo.path, '.git')]) {
      for (const words of [['--json'], ['--ndjson'], [], ['-q', '--no-color']]) {
        rmSync(memory, { force: true });
        for (const isCold of [true, false]) {
          const { quick, whole } = await both(repo, cwd, words);
          expect([cwd, words, isCold, quick]).toEqual([cwd, words, isCold, whole]);
          expect(quick[0]).toBe(3);
        }
      }
    }
    const { pairs } = ConflictsAnswer.parse(JSON.parse(String((await both(repo, deep)).quick[1])));
    expect(pairs.map(({ a, b }) => [a, b])).toEqual([
      ['feat/a', 'feat/b'],
      ['feat/c', 'base:main'],
    ]);
  });

  it('says it of what is out of the ordinary too', async () => {
    const repo = await scene();
    repo.git('worktree', 'add', '-q', '--detach', place(repo, 'detached'));
    repo.commit('detached', { f: 'detached' }, place(repo, 'detached'));
    repo.git('worktree', 'add', '-q', '-b', 'gone', place(repo, 'gone'));
    rmSync(place(repo, 'gone'), { recursive: true });
    repo.git('worktree', 'add', '-q', '--detach', place(repo, 'unborn'));
    repo.gitIn(place(repo, 'unborn'), 'checkout', '-q', '--orphan', 'unborn');
    importCommits(repo, [{ name: 'unrelated', tree: { f: 'u' }, parents: [] }]);
    repo.git('worktree', 'add', '-q', place(repo, 'unrelated'), 'unrelated');
    const { quick, whole } = await both(repo, repo.path);
    expect(quick).toEqual(whole);
    const { pairs, warnings } = ConflictsAnswer.parse(JSON.parse(String(quick[1])));
    expect(pairs.flatMap(({ a, b }) => [a, b])).toContain(place(repo, 'detached'));
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['no_commits', 'unrelated_histories']));

    const bare = join(repo.root, 'hub.git');
    repo.git('clone', '-q', '--bare', repo.path, bare);
    for (const branch of ['feat/a', 'feat/b'])
      repo.gitIn(bare, 'worktree', 'add', '-q', join(repo.root, 'of-hub', branch), branch);
    const ofHub = await both(repo, bare);
    expect(ofHub.quick).toEqual(ofHub.whole);
    expect(ofHub.quick[0]).toBe(3);
  });

  it('meets a fork that is deeper in the history than what it asks for at first', async () => {
    const repo = makeRepo();
    const commit = (index: number) =>
      `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_700_000_000 + index} +0000\ndata 0\n\nM 100644 inline f\ndata 6\n${String(index).padStart(5)}\n\n`;
    const deep = Array.from({ length: 3200 }, (_, index) => commit(index)).join('');
    writeFileSync(join(repo.root, 'stream'), deep);
    repo.shIn(
      repo.path,
      'git fast-import --quiet --force < "$1"; git reset -q --hard',
      join(repo.root, 'stream'),
    );
    repo.git('worktree', 'add', '-q', '-b', 'old', place(repo, 'old'), 'main~3100');
    repo.commit('old', { f: 'old' }, place(repo, 'old'));
    repo.git('worktree', 'add', '-q', '-b', 'new', place(repo, 'new'), 'main~5');
    repo.commit('new', { g: 'new' }, place(repo, 'new'));
    expect((await wt(repo.path, repo.env, ['conflicts', '--heads-only', '--json'])).code).toBe(3);
    // Only where the merge base is known is a result kept.
    expect(readFileSync(memoryOf(repo), 'utf8')).toContain(repo.git('rev-parse', 'old'));
    const { quick, whole } = await both(repo, repo.path);
    expect(quick).toEqual(whole);
    const { pairs } = ConflictsAnswer.parse(JSON.parse(String(quick[1])));
    expect(pairs.map(({ a, b }) => [a, b])).toEqual([
      ['new', 'old'],
      ['old', 'base:main'],
    ]);
  });

  it('leaves to all of wt what it cannot tell, and prints nothing before that', async () => {
    const repo = await scene();
    const admin = join(repo.path, '.git', 'worktrees');
    const [first = ''] = readdirSync(admin);
    const facts = join(admin, first, 'wt.json');
    const text = readFileSync(facts, 'utf8');
    const { address: _, ...older } = JSON.parse(text);
    for (const [odd, code] of [
      [JSON.stringify(older), 3],
      ['{', 3],
      ['{"version":99}', 3],
    ] as const) {
      writeFileSync(facts, odd);
      const { quick, whole } = await both(repo, repo.path);
      expect([odd, quick, whole[0]]).toEqual([odd, [notQuick, ''], code]);
      const ran = await wt(repo.path, repo.env, ['conflicts', '--heads-only', '--json']);
      expect([ran.code, ran.stdout]).toEqual(whole);
    }
    writeFileSync(facts, text);
    expect((await both(repo, repo.path)).quick[0]).toBe(3);

    mkdirSync(join(repo.path, '.git', 'wt', 'intents'), { recursive: true });
    writeFileSync(join(repo.path, '.git', 'wt', 'intents', 'x.json'), '{}');
    expect((await both(repo, repo.path)).quick).toEqual([notQuick, '']);
    rmSync(join(repo.path, '.git', 'wt', 'intents', 'x.json'));
    for (const words of [
      ['--json', '--ndjson'],
      ['--by-need'],
      ['feat/a'],
      ['--against', 'main'],
      ['-C', repo.path],
    ]) {
      const { quick, whole } = await both(repo, repo.path, words);
      expect([words, quick]).toEqual([words, [notQuick, '']]);
      const ran = await wt(repo.path, repo.env, ['conflicts', '--heads-only', ...words]);
      expect([words, ran.code, ran.stdout]).toEqual([words, ...whole]);
    }
    const outside = await wt(repo.root, repo.env, ['conflicts', '--heads-only', '--json']);
    expect([outside.code, outside.json()]).toEqual([
      5,
      { error: expect.objectContaining({ code: 'not_a_repository' }) },
    ]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is ended by %s, and leaves nothing behind', async (signal) => {
    const repo = await scene();
    const temporary = join(repo.root, 'tmp');
    mkdirSync(temporary);
    const { env, hasStopped } = stoppingGit(repo, 'before', '*merge-tree*');
    const started = startWt(repo.path, { ...env, TMPDIR: temporary }, [
      'conflicts',
      '--heads-only',
      '--json',
    ]);
    await until(hasStopped);
    started.kill(signal);
    const { code } = await started.ended;
    expect([code, JSON.parse(started.stdout()).error.code]).toEqual([
      signal === 'SIGINT' ? 130 : 143,
      'interrupted',
    ]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
