import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHub } from '../../../src/adapters/hub.ts';
import { integrated } from '../../../src/application/integration.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  uuid: () => crypto.randomUUID(),
};

function open(repo: TestRepo, trace: string[] = []) {
  const { signal } = new AbortController();
  const variables = repo.env;
  const options = { cwd: repo.path, variables, clock, home: repo.home, signal };
  return openHub({ ...options, trace: (line: string) => trace.push(line) });
}

const lines = (...changed: [number, string][]) => {
  const text = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  for (const [at, words] of changed) text[at] = words;
  return `${text.join('\n')}\n`;
};

/** A repository in which `work` changed line 3 in two commits, and main went on elsewhere. */
function scene(): TestRepo & { readonly tip: () => Sha; readonly base: () => Sha } {
  const repo = makeRepo();
  repo.commit('file', { 'a.txt': lines() });
  repo.git('switch', '-qc', 'work');
  repo.commit('half', { 'a.txt': lines([3, 'half']), 'b.txt': 'new\n' });
  repo.commit('whole', { 'a.txt': lines([3, 'whole']), 'b.txt': 'new\n' });
  repo.git('switch', '-q', 'main');
  repo.commit('elsewhere', { 'c.txt': 'c\n' });
  return {
    ...repo,
    tip: () => repo.git('rev-parse', 'work') as Sha,
    base: () => repo.git('rev-parse', 'main') as Sha,
  };
}

async function judged(repo: ReturnType<typeof scene>) {
  const [answer] = await integrated(await open(repo), [{ base: repo.base(), tip: repo.tip() }]);
  return answer;
}

const yes = (why: string) => ({ kind: 'yes', why });
const squash = (repo: TestRepo) => {
  repo.git('merge', '-q', '--squash', 'work');
  repo.git('commit', '-q', '-m', 'squashed');
};

describe('whether work is in its base', () => {
  it('is no while it waits, and yes in each way in which it can have landed', async () => {
    const repo = scene();
    expect(await judged(repo)).toEqual({ kind: 'no' });
    squash(repo);
    expect(await judged(repo)).toEqual(yes('merge_adds_nothing'));
    repo.git('merge', '-q', '--no-edit', 'work');
    expect(await judged(repo)).toEqual(yes('ancestor'));
    repo.git('reset', '-q', '--hard', 'work');
    expect(await judged(repo)).toEqual(yes('same_commit'));
  });

  it('is yes where the commits of a branch undo each other', async () => {
    const repo = scene();
    repo.git('switch', '-q', 'work');
    repo.git('revert', '--no-edit', 'HEAD', 'HEAD~1');
    repo.git('switch', '-q', 'main');
    expect(await judged(repo)).toEqual(yes('no_added_changes'));
  });

  it('is yes where both have the same files', async () => {
    const repo = scene();
    squash(repo);
    repo.git('switch', '-q', 'work');
    repo.commit('the same', { 'c.txt': 'c\n' });
    repo.git('switch', '-q', 'main');
    expect(await judged(repo)).toEqual(yes('trees_match'));
  });

  it('is yes where it was squashed and the same lines were changed again', async () => {
    const repo = scene();
    squash(repo);
    repo.commit('again', { 'a.txt': lines([3, 'changed once more']) });
    expect(await judged(repo)).toEqual(yes('patch_id'));
  });

  it('is yes by its patch where the file had been changed elsewhere before', async () => {
    const repo = scene();
    repo.commit('line 15', { 'a.txt': lines([15, 'fifteen']) });
    squash(repo);
    repo.commit('again', { 'a.txt': lines([3, 'changed once more'], [15, 'fifteen']) });
    expect(await judged(repo)).toEqual(yes('patch_id'));
  });

  it('is no where only a part of it landed, or something else in the same files', async () => {
    const repo = scene();
    repo.git('cherry-pick', 'work~1');
    repo.commit('another', { 'a.txt': lines([3, 'other']), 'b.txt': 'new\n' });
    expect(await judged(repo)).toEqual({ kind: 'no' });
  });

  it('is no where a binary file of the same name landed with other bytes', async () => {
    const repo = makeRepo();
    repo.git('switch', '-qc', 'work');
    writeFileSync(join(repo.path, 'x.bin'), Buffer.from([0, 1, 2]));
    repo.commit('binary');
    repo.git('switch', '-q', 'main');
    writeFileSync(join(repo.path, 'x.bin'), Buffer.from([0, 1, 3]));
    repo.commit('another');
    const pair = { base: repo.git('rev-parse', 'main') as Sha, tip: repo.git('rev-parse', 'work') as Sha };
    expect(await integrated(await open(repo), [pair])).toEqual([{ kind: 'no' }]);
  });

  it('is no for unrelated histories, unless the files are the same', async () => {
    const repo = makeRepo();
    const orphan = (file: string) => {
      repo.git('read-tree', '--empty');
      const blob = repo.git('hash-object', '-w', file);
      repo.git('update-index', '--add', '--cacheinfo', `100644,${blob},README.md`);
      const commit = repo.git('commit-tree', '-m', 'root', repo.git('write-tree')) as Sha;
      repo.git('reset', '-q', '--hard');
      return commit;
    };
    const base = repo.git('rev-parse', 'main') as Sha;
    const same = orphan('README.md');
    writeFileSync(join(repo.root, 'other'), 'other\n');
    const other = orphan(join(repo.root, 'other'));
    const hub = await open(repo);
    expect(
      await integrated(hub, [
        { base, tip: same },
        { base, tip: other },
      ]),
    ).toEqual([yes('trees_match'), { kind: 'no' }]);
  });

  it('is unknown for a commit that does not exist, and judges the others all the same', async () => {
    const repo = scene();
    squash(repo);
    const gone = 'e'.repeat(40) as Sha;
    const answers = await integrated(await open(repo), [
      { base: repo.base(), tip: gone },
      { base: repo.base(), tip: repo.tip() },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['unknown', 'yes']);
  });

  it('takes the same few processes for one pair and for twenty, and leaves no object behind', async () => {
    const repo = scene();
    const tips = Array.from({ length: 20 }, (_, index) => {
      repo.git('switch', '-qc', `work-${index}`, 'work');
      return repo.commit(`work ${index}`, { [`${index}.txt`]: 'x\n' }) as Sha;
    });
    repo.git('switch', '-q', 'main');
    const base = repo.base();
    const objects = () => repo.git('count-objects');
    const before = objects();
    const count = async (pairs: readonly { base: Sha; tip: Sha }[]) => {
      const trace: string[] = [];
      const hub = await open(repo, trace);
      trace.length = 0;
      await integrated(hub, pairs);
      return trace.length;
    };
    const one = await count([{ base, tip: repo.tip() }]);
    const many = await count(tips.map((tip) => ({ base, tip })));
    expect(many).toBe(one);
    expect(many).toBeLessThanOrEqual(5);
    expect(objects()).toBe(before);
    expect(readdirSync(join(repo.path, '.git', 'wt')).filter((name) => name !== 'cache')).toEqual([]);
  });
});

describe('work that was landed and taken back', () => {
  const revert = (repo: TestRepo, commit: string, ...flags: string[]) => {
    repo.git('revert', '--no-edit', ...flags, commit);
    return repo.git('rev-parse', 'main');
  };

  it('is asked about: a merge that was reverted', async () => {
    const repo = scene();
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'work');
    const revertedBy = revert(repo, 'main', '-m', '1');
    expect(await judged(repo)).toEqual({ kind: 'ask', why: 'ancestor', revertedBy });
  });

  it('is asked about: a fast-forward whose last commit was reverted', async () => {
    const repo = makeRepo();
    repo.commit('file', { 'a.txt': lines() });
    repo.commit('work', { 'a.txt': lines([3, 'whole']) });
    const tip = repo.git('rev-parse', 'main') as Sha;
    const revertedBy = revert(repo, 'main') as Sha;
    expect(await integrated(await open(repo), [{ base: revertedBy as Sha, tip }])).toEqual([
      { kind: 'ask', why: 'ancestor', revertedBy },
    ]);
  });

  it('is asked about: a squash that was reverted, after which the line was edited again', async () => {
    const repo = scene();
    squash(repo);
    const revertedBy = revert(repo, 'main');
    repo.commit('again', { 'a.txt': lines([3, 'other']) });
    expect(await judged(repo)).toEqual({ kind: 'ask', why: 'patch_id', revertedBy });
  });

  it('is asked about when only the inverse patch tells', async () => {
    const repo = scene();
    squash(repo);
    repo.git('revert', '--no-commit', 'main');
    repo.git('commit', '-q', '-m', 'Reverts #12');
    const revertedBy = repo.git('rev-parse', 'main');
    repo.commit('again', { 'a.txt': lines([3, 'other']) });
    expect(await judged(repo)).toEqual({ kind: 'ask', why: 'patch_id', revertedBy });
  });

  it('is in the base when the revert was reverted', async () => {
    const repo = scene();
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'work');
    revert(repo, 'main', '-m', '1');
    revert(repo, 'main');
    repo.commit('again', { 'a.txt': lines([3, 'other']) });
    expect(await judged(repo)).toEqual(yes('ancestor'));
  });

  it('is told apart from other work that was reverted, with one question for each base', async () => {
    const repo = scene();
    const other = repo.git('rev-parse', 'main');
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'work');
    revert(repo, other);
    const trace: string[] = [];
    const pair = { base: repo.base(), tip: repo.tip() };
    expect(await integrated(await open(repo, trace), [pair, pair])).toEqual([
      yes('ancestor'),
      yes('ancestor'),
    ]);
    expect(trace.filter((line) => / log /.test(line))).toHaveLength(1);
  });
});
