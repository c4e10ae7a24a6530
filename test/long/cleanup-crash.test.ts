import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hub } from '../../src/application/ports.ts';
import type { CleanupAnswer } from '../../src/domain/answers/cleanup.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { wt } from '../support/bin.ts';
import { effectsOf, momentsOf, wtKilledAt } from '../support/crashes.ts';
import { nothingLeft, remains, removalScene, whole } from '../support/removals.ts';
import type { TestRepo } from '../support/repo.ts';
import { startWt } from '../support/shim.ts';

const full = process.env.WT_TEST_FULL === '1';

/** A worktree whose branch goes with it, though it holds uncommitted work. */
async function scene() {
  const { repo, add, ...commands } = removalScene();
  writeFileSync(join(repo.path, '.git/info/exclude'), '.env\n');
  const path = add('feat/x', { work: 'a.txt' });
  repo.git('merge', '-q', '--no-ff', 'feat/x');
  writeFileSync(join(path, 'staged.txt'), 'staged\n');
  repo.gitIn(path, 'add', '.');
  writeFileSync(join(path, 'staged.txt'), 'changed since\n');
  writeFileSync(join(path, '.env'), 'SECRET=1\n', { mode: 0o600 });
  await commands.hub(); // which remembers git's version: no later command does anything for that
  return { repo, path, before: whole(repo, path), ...commands };
}

const removal = ['cleanup', 'feat/x', '--force'];

/** The repository as it may be once a command has recovered: nothing half, and nothing lost. */
function isSound(repo: TestRepo, path: string, before: unknown): 'there' | 'removed' {
  const left = remains(repo);
  expect(left.intents.filter((name) => name.endsWith('.json'))).toEqual([]);
  repo.git('fsck', '--connectivity-only', '--no-dangling');
  if (existsSync(path)) {
    expect(left).toMatchObject({ trash: [], refs: [], registrations: ['x'] });
    expect(whole(repo, path)).toEqual(before);
    return 'there';
  }
  expect(left).toMatchObject({ registrations: [], trash: [expect.any(String)] });
  expect(left.refs).toContain(`refs/wt/trash/${left.trash[0]}/head`);
  expect(repo.git('branch', '--list', 'feat/x')).toBe('');
  expect(readdirSync(join(repo.path, '.git/wt/trash', left.trash[0] ?? '')).sort()).toEqual([
    'admin',
    'branch-log',
    'entry.json',
    'worktree',
  ]);
  return 'removed';
}

/** How an undo, which first recovers, found the worktree. */
const outcome = (undo: () => Promise<unknown>): Promise<'removed' | 'there'> =>
  undo().then(
    () => 'removed',
    (failure) => {
      if (isFailure(failure, 'nothing_to_undo')) return 'there';
      throw failure;
    },
  );

describe('a wt that is killed by SIGKILL', () => {
  it('in the middle of a cleanup leaves the worktree whole or removed', { timeout: 600_000 }, async () => {
    const { repo, path, before, undo } = await scene();
    const { effects } = await effectsOf(repo, removal);
    await undo();
    const outcomes = new Set<string>();
    const points = momentsOf(effects, [
      ['after', /^rename .*intents/],
      ['after', /^spawn git update-ref .*--stdin/],
      ['after', /^writeFile .*locked/],
      ['after', /^rename .*jerry-wt\/feat\/x /],
      ['after', /^rename .*admin$/],
      ['before', /^rename .*entry.json$/],
      ['after', /^spawn git update-ref .*-d/],
    ]);
    for (const [when, effect] of points) {
      await wtKilledAt(repo, removal, when, effect);
      const told = full ? await wt(repo.path, repo.env, ['status']) : undefined;
      if (told !== undefined) expect([effect, told.code]).toEqual([effect, 0]);
      if (full) outcomes.add(isSound(repo, path, before));
      outcomes.add(await outcome(undo));
      expect([when, effect, isSound(repo, path, before)]).toEqual([when, effect, 'there']);
    }
    expect([...outcomes].sort()).toEqual(['removed', 'there']);
  });

  it('in the middle of an undo leaves it in the trash or back', { timeout: 600_000 }, async () => {
    const { repo, path, before, undo, cleanup } = await scene();
    await cleanup({ worktree: ['feat/x'], force: true });
    const { effects } = await effectsOf(repo, ['undo']);
    await cleanup({ worktree: ['feat/x'], force: true });
    const outcomes = new Set<string>();
    const points = momentsOf(effects, [
      ['after', /^rename .*intents/],
      ['after', /^spawn git .*update-ref -m wt undo/],
      ['after', /^rename .*jerry-wt\/feat\/x$/],
      ['after', /^rename .*worktrees\/x$/],
      ['before', /^rm .*entry.json/],
      ['before', /^rm .*intents/],
    ]);
    for (const [when, effect] of points) {
      await wtKilledAt(repo, ['undo'], when, effect);
      if (full) {
        expect((await wt(repo.path, repo.env, ['status'])).code).toBe(0);
        isSound(repo, path, before);
      }
      outcomes.add(await outcome(undo));
      expect([when, effect, isSound(repo, path, before)]).toEqual([when, effect, 'there']);
      const [removed] = await cleanup({ worktree: ['feat/x'], force: true });
      expect(removed).toMatchObject({ removed: true, branch_deleted: true });
    }
    expect([...outcomes].sort()).toEqual(full ? ['removed', 'there'] : ['there']);
  });
});

describe('a command that has looked for what is unfinished just before another was killed', () => {
  /** The first look finds nothing yet. */
  const tooEarly = () => {
    let looks = 0;
    return {
      tamper: (hub: Hub): Hub => ({
        ...hub,
        intents: { ...hub.intents, list: async () => (looks++ === 0 ? [] : hub.intents.list()) },
      }),
    };
  };
  const killed = async (
    repo: TestRepo,
    args: readonly string[],
    effects: readonly string[],
    pattern: RegExp,
  ) => {
    await wtKilledAt(repo, args, 'after', effects.findIndex((effect) => pattern.test(effect)) + 1);
    expect(remains(repo).intents).toHaveLength(1);
  };

  it('finishes that first, and does not tear a worktree in two', async () => {
    const { repo, path, before, undo, cleanup } = await scene();
    const { effects } = await effectsOf(repo, removal);
    const back = await effectsOf(repo, ['undo']);
    await killed(repo, removal, effects, /^rename .*jerry-wt\/feat\/x /);
    await expect(cleanup({ worktree: ['feat/x'], force: true }, tooEarly())).rejects.toMatchObject({
      code: 'worktree_not_found',
    });
    expect(isSound(repo, path, before)).toBe('removed');
    await killed(repo, ['undo'], back.effects, /^rename .*jerry-wt\/feat\/x$/);
    await expect(undo({}, tooEarly())).rejects.toMatchObject({ code: 'nothing_to_undo' });
    expect(isSound(repo, path, before)).toBe('there');
  });
});

describe('several at once', () => {
  const answerOf = ({ stdout }: ReturnType<typeof startWt>) => JSON.parse(stdout());

  it('remove one worktree once', async () => {
    const { repo, path, before } = await scene();
    const both = [1, 2].map(() => startWt(repo.path, repo.env, [...removal, '--json']));
    const codes = (await Promise.all(both.map(({ ended }) => ended))).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 5]);
    expect(isSound(repo, path, before)).toBe('removed');
  });

  it(`remove ${full ? 10 : 4} worktrees beside an undo and a create, and all can be brought back`, async () => {
    const { repo, add, cleanup, undo } = removalScene();
    const names = Array.from({ length: full ? 10 : 4 }, (_, number) => `w${number}`);
    for (const name of names) add(name, { work: `${name}.txt` });
    add('earlier');
    await cleanup({ worktree: ['earlier'] });
    const removals = names.map((name) => startWt(repo.path, repo.env, ['cleanup', name, '-f', '--json']));
    const beside = [
      startWt(repo.path, repo.env, ['undo', '--json']),
      startWt(repo.path, repo.env, ['create', 'fresh', '--no-provision', '--json']),
    ];
    const ended = await Promise.all([...removals, ...beside].map((each) => each.ended));
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0));
    const ids = removals.map((each) => (answerOf(each) as CleanupAnswer).trash);
    expect(new Set(ids).size).toBe(names.length);
    const undone = new Set(['fresh', ...beside.slice(0, 1).map((each) => answerOf(each).branch)]);
    const registered = () =>
      [...repo.git('worktree', 'list', '--porcelain').matchAll(/^branch refs\/heads\/(.*)$/gm)]
        .map(([, name]) => name)
        .sort();
    expect(registered()).toEqual(['main', ...undone].sort());
    for (const _ of names) await undo();
    expect(registered()).toEqual(['earlier', 'fresh', 'main', ...names]);
    for (const name of names) expect(existsSync(join(repo.root, 'jerry-wt', name, `${name}.txt`))).toBe(true);
    expect(remains(repo)).toMatchObject(nothingLeft);
  });
});
