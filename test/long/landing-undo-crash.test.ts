import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LedgerEntry } from '../../src/domain/ledger.ts';
import { wt } from '../support/bin.ts';
import { effectsOf, momentsOf, wtKilledAt } from '../support/crashes.ts';
import { remains } from '../support/removals.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

type Scene = { readonly repo: TestRepo; readonly target: string; readonly merge: readonly string[] };

/** A branch that changes, adds and removes files, and a target with uncommitted work, staged and not. */
function scene(target: string): Scene {
  const repo = makeRepo();
  repo.commit('base', { f: 'f\n', gone: 'gone\n', mine: 'mine\n', 'dir/x': 'x\n' });
  const path = join(repo.root, 'jerry-wt', 'feat', 'a');
  repo.git('worktree', 'add', '-q', '--no-track', '-b', 'feat/a', path);
  repo.gitIn(path, 'rm', '-q', 'gone', 'dir/x');
  repo.commit('a', { f: 'a\n', new: 'new\n', dir: 'a file now\n' }, path);
  if (target !== 'main') repo.git('branch', target);
  repo.commit('beside', { beside: 'x\n' });
  writeFileSync(join(repo.path, 'mine'), 'staged\n');
  repo.git('add', 'mine');
  writeFileSync(join(repo.path, 'mine'), 'changed since\n');
  mkdirSync(join(repo.path, '.git/info'), { recursive: true });
  writeFileSync(join(repo.path, '.git/info/exclude'), '.env\n');
  writeFileSync(join(repo.path, '.env'), 'SECRET=1\n');
  return { repo, target, merge: ['merge', 'feat/a', '--into', target] };
}

const entry = ({ repo }: Scene, n: number) =>
  LedgerEntry.parse(JSON.parse(readFileSync(join(repo.path, '.git/wt/landings', `${n}.json`), 'utf8')));

/** What a command that has recovered may leave: the target on either side, ledger and checkout to match. */
function isSound(made: Scene, n: number, before: string): 'landed' | 'not-landed' {
  const { repo, target } = made;
  const left = remains(repo);
  expect(left.intents.filter((name) => name.endsWith('.json'))).toEqual([]);
  expect(repo.git('fsck', '--no-dangling')).toBe('');
  expect(repo.git('status', '--porcelain')).toBe('MM mine');
  expect([repo.git('show', ':mine'), readFileSync(join(repo.path, 'mine'), 'utf8')]).toEqual([
    'staged',
    'changed since\n',
  ]);
  const tip = repo.git('rev-parse', target);
  const known = left.refs.includes(`refs/wt/landed/${n}`) ? entry(made, n) : undefined;
  if (known !== undefined) expect(repo.git('rev-parse', `refs/wt/landed/${n}`)).toBe(known.after);
  const isLanded = tip !== before;
  if (isLanded) expect(known).toMatchObject({ n, target, before, after: tip, undone: null });
  else expect(known?.undone).not.toBe(null);
  return isLanded ? 'landed' : 'not-landed';
}

const told = async ({ repo }: Scene, args: readonly string[]) => {
  const ran = await wt(repo.path, repo.env, args);
  expect([args, ran.code, ran.stderr]).toEqual([args, 0, expect.anything()]);
  return ran;
};

describe.each(['main', 'release'])('a wt that is killed by SIGKILL, on %s,', (target) => {
  it('in the middle of a landing has entered it, or has not landed', { timeout: 900_000 }, async () => {
    const made = scene(target);
    const { repo, merge } = made;
    const before = repo.git('rev-parse', target);
    for (const args of [merge, ['undo']]) await told(made, args); // what is made once is there
    const { effects } = await effectsOf(repo, merge);
    await told(made, ['undo']);
    const outcomes = new Set<string>();
    const points = momentsOf(effects, [
      ['after', /^rename .*intents/],
      ['before', /^spawn git .*(merge --ff-only|update-ref .*-m)/],
      ['after', /^spawn git .*(merge --ff-only|update-ref .*-m)/],
      ['before', /^rename .*landings/],
      ['after', /^rename .*landings/],
    ]);
    for (const [when, effect] of points) {
      await wtKilledAt(repo, merge, when, effect);
      await told(made, ['status']);
      const n = Math.max(...remains(repo).refs.map((ref) => Number(ref.split('/').at(-1))));
      const outcome = isSound(made, n, before);
      outcomes.add(outcome);
      if (outcome === 'landed') await told(made, ['undo']);
      expect([when, effect, isSound(made, n, before)]).toEqual([when, effect, 'not-landed']);
    }
    expect([...outcomes].sort()).toEqual(['landed', 'not-landed']);
  });

  it('in the middle of its undo has taken it back, or not', { timeout: 900_000 }, async () => {
    const made = scene(target);
    const { repo, merge } = made;
    const before = repo.git('rev-parse', target);
    for (const args of [merge, ['undo'], merge]) await told(made, args); // what is made once is there
    const { effects } = await effectsOf(repo, ['undo']);
    await told(made, merge);
    const outcomes = new Set<string>();
    const points = momentsOf(effects, [
      ['after', /^rename .*intents/],
      ['before', /^spawn git .*(checkout --quiet|update-ref .*-m)/],
      ['after', /^spawn git .*(checkout --quiet|update-ref .*-m)/],
      ['before', /^rename .*landings/],
      ['after', /^rename .*landings/],
      ['before', /^rm .*intents/],
    ]);
    let n = 3;
    for (const [when, effect] of points) {
      await wtKilledAt(repo, ['undo'], when, effect);
      await told(made, ['status']);
      const outcome = isSound(made, n, before);
      outcomes.add(outcome);
      if (outcome === 'landed') await told(made, ['undo']);
      expect([when, effect, isSound(made, n, before)]).toEqual([when, effect, 'not-landed']);
      await told(made, merge);
      n += 1;
    }
    expect([...outcomes].sort()).toEqual(['landed', 'not-landed']);
  });
});
