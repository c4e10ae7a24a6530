import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CleanupAnswer, UndoAnswer } from '../../src/domain/answers/cleanup.ts';
import { wt } from '../support/bin.ts';
import { nothingLeft, remains, removalScene } from '../support/removals.ts';

const parsed = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const answer = schema.parse(value);
  expect(answer).toEqual(value);
  return answer;
};

describe('wt cleanup', () => {
  it('answers with one object for one worktree, an array for several, lines with --ndjson', async () => {
    const { repo, add } = removalScene();
    const paths = ['a', 'b', 'c'].map((name) => add(name));
    add('ahead', { work: 'a.txt' });
    const one = await wt(repo.path, repo.env, ['cleanup', 'a', '--json']);
    expect([one.code, one.stderr]).toEqual([0, '']);
    expect(parsed(CleanupAnswer, one.json())).toMatchObject({
      worktree_path: paths[0],
      removed: true,
      error: null,
    });
    const several = await wt(repo.path, repo.env, ['rm', 'b', 'ahead', '--json']);
    expect(several.code).toBe(4);
    expect(parsed(z.array(CleanupAnswer), several.json())).toMatchObject([
      { branch: 'b', removed: true, error: null },
      { branch: 'ahead', removed: false, trash: null, error: { code: 'unmerged_commits' } },
    ]);
    const lines = await wt(repo.path, repo.env, ['cleanup', 'c', '--ndjson']);
    expect(lines.stdout.split('\n')).toHaveLength(2);
    expect(parsed(CleanupAnswer, JSON.parse(lines.stdout))).toMatchObject({ branch: 'c' });
  });

  it('answers with the error document when nothing was begun', async () => {
    const { repo, add } = removalScene();
    add('ahead', { work: 'a.txt' });
    const ran = await wt(repo.path, repo.env, ['cleanup', 'ahead', '--json']);
    expect(ran.code).toBe(4);
    expect(ran.json()).toMatchObject({ error: { code: 'unmerged_commits', details: { also: [] } } });
    const none = await wt(repo.path, repo.env, ['cleanup', 'nothing', '--json']);
    expect([none.code, none.json()]).toMatchObject([5, { error: { code: 'worktree_not_found' } }]);
    // A script that is run again must not hit the neighbour whose name begins alike.
    const prefix = await wt(repo.path, repo.env, ['cleanup', 'ahe', '--force', '--json']);
    expect([prefix.code, prefix.json()]).toMatchObject([5, { error: { code: 'worktree_not_found' } }]);
  });

  it('tells people what went, what stayed and how it comes back', async () => {
    const { repo, add } = removalScene();
    add('feat/merged', { work: 'a.txt' });
    repo.git('merge', '-q', '--no-ff', 'feat/merged');
    add('feat/ahead', { work: 'b.txt' });
    const merged = await wt(repo.path, repo.env, ['cleanup', 'feat/merged']);
    expect(merged.stdout).toMatch(
      /^removed feat\/merged and its branch\n {2}its commits are all in the base\n {2}wt undo trash-\d+-001 brings it back\n$/,
    );
    const refused = await wt(repo.path, repo.env, ['cleanup', 'feat/ahead']);
    expect([refused.stdout, refused.stderr]).toEqual([
      '',
      'error: feat/ahead has 1 commit that main does not have\n' +
        'hint: wt merge feat/ahead lands them; wt cleanup feat/ahead --force keeps the branch and removes the worktree\n',
    ]);
    const forced = await wt(repo.path, repo.env, ['cleanup', 'feat/ahead', '-f']);
    expect(forced.stdout).toMatch(
      /^removed feat\/ahead; the branch stays\n {2}wt undo trash-\d+-002 brings it back\n$/,
    );
  });

  it('alone in the main worktree shows what is done with, and how to remove it', async () => {
    const { repo, add } = removalScene();
    const nothing = await wt(repo.path, repo.env, ['cleanup']);
    expect(nothing).toMatchObject({
      code: 0,
      stdout: 'nothing to clean up: none is merged, idle and older than 24h\n',
    });
    for (const name of ['feat/a', 'feat/longer']) {
      add(name, { work: `${name}.txt` });
      repo.git('merge', '-q', '--no-ff', name);
    }
    const shown = await wt(repo.path, repo.env, ['cleanup']);
    expect(shown.stdout).toMatch(
      /^feat\/a {7}\d+ KB {2}its commits are all in the base {2}\S+\nfeat\/longer {2}\d+ KB {2}its commits .*\n\nwt cleanup --merged removes these 2\n$/,
    );
    expect((await wt(repo.path, repo.env, ['cleanup', '--merged', '--json'])).json()).toMatchObject([
      { branch: 'feat/a', removed: true },
      { branch: 'feat/longer', removed: true },
    ]);
  });
});

describe('wt undo', () => {
  it('answers with what it brought back, and lists what it can', async () => {
    const { repo, add } = removalScene();
    const path = add('feat/x');
    const removed = CleanupAnswer.parse(
      (await wt(repo.path, repo.env, ['cleanup', 'feat/x', '--json'])).json(),
    );
    const list = await wt(repo.path, repo.env, ['undo', '--list', '--json']);
    const entry = {
      operation: 'cleanup',
      id: removed.trash,
      worktree_path: path,
      branch: 'feat/x',
      target: null,
      warnings: [],
      error: null,
    };
    expect(parsed(z.array(UndoAnswer), list.json())).toEqual([entry]);
    const undone = await wt(repo.path, repo.env, ['undo', removed.trash ?? '', '--json']);
    expect([undone.code, parsed(UndoAnswer, undone.json())]).toEqual([0, entry]);
    const again = await wt(repo.path, repo.env, ['undo', removed.trash ?? '', '--json']);
    expect([again.code, again.json()]).toMatchObject([5, { error: { code: 'nothing_to_undo' } }]);
    expect(remains(repo)).toMatchObject(nothingLeft);
    const usage = await wt(repo.path, repo.env, ['undo', '--list', 'x', '--json']);
    expect([usage.code, usage.json()]).toMatchObject([2, { error: { code: 'usage' } }]);
  });

  it('tells people where the worktree is and what to type next', async () => {
    const { repo, add } = removalScene();
    const path = add('feat/x');
    expect((await wt(repo.path, repo.env, ['undo', '--list'])).stdout).toBe('there is nothing to undo\n');
    await wt(repo.path, repo.env, ['cleanup', 'feat/x']);
    expect((await wt(repo.path, repo.env, ['undo', '--list'])).stdout).toMatch(
      new RegExp(`^trash-\\d+-001 {2}feat/x was removed\\n {20}${path}\\n$`),
    );
    expect((await wt(repo.path, repo.env, ['undo'])).stdout).toBe(
      `brought back feat/x\n  ${path}\n  wt status feat/x shows it\n`,
    );
  });
});
