import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processes } from '../../src/adapters/processes.ts';
import type { Hub } from '../../src/application/ports.ts';
import { wt } from '../support/bin.ts';
import { until } from '../support/children.ts';
import { effectsOf, momentsOf, wtKilledAt } from '../support/crashes.ts';
import { remains, removalScene, whole } from '../support/removals.ts';
import type { TestRepo } from '../support/repo.ts';

const full = process.env.WT_TEST_FULL === '1';
const empty = ['trash', 'empty', '-f'];

/** A removed worktree whose branch is gone too: nothing but the trash has its commit and its changes. */
async function scene() {
  const { repo, add, ...commands } = removalScene();
  const texts = {
    committed: 'committed',
    staged: 'staged',
    changed: 'changed since',
    untracked: 'untracked',
  };
  const path = add('feat/x');
  repo.commit('work', { 'a.txt': texts.committed }, path);
  writeFileSync(join(path, 'b.txt'), texts.staged);
  repo.gitIn(path, 'add', '.');
  writeFileSync(join(path, 'b.txt'), texts.changed);
  writeFileSync(join(path, 'c.txt'), texts.untracked);
  const blobs = Object.values(texts).map((text) => {
    writeFileSync(join(repo.home, 'blob'), text);
    return repo.git('hash-object', join(repo.home, 'blob'));
  });
  const tip = repo.gitIn(path, 'rev-parse', 'HEAD');
  const before = whole(repo, path);
  await commands.hub();
  /** As it was when it was removed, for another turn. */
  const again = async () => {
    await commands.cleanup({ worktree: ['feat/x'], force: true });
    repo.git('update-ref', '-d', 'refs/heads/feat/x');
  };
  /** Brings it back by hand from what the attic has. */
  const rebuild = () => {
    const [ref = ''] = remains(repo).refs;
    repo.git('worktree', 'add', '-q', '-b', 'feat/x', path, `${ref}^1`);
    repo.gitIn(path, 'restore', `--source=${ref}`, '--', '.');
    repo.gitIn(path, 'restore', '--staged', `--source=${ref}^2`, '--', '.');
    repo.git('update-ref', '-d', ref);
  };
  return { repo, path, blobs, tip, before, again, rebuild, ...commands };
}

/** Once a command has recovered: whole in the trash, or in the attic with nothing left of it, and no blob missing. */
function isSound(repo: TestRepo, blobs: readonly string[], tip: string): 'trash' | 'attic' {
  const left = remains(repo);
  expect(left.intents.filter((name) => name.endsWith('.json'))).toEqual([]);
  repo.git('fsck', '--connectivity-only', '--no-dangling');
  const led = new Set(repo.git('rev-list', '--objects', '--all', '--no-object-names').split('\n'));
  const inTrash = left.trash.filter((name) => name !== 'expired');
  if (inTrash.length > 0) {
    expect(left.refs.filter((ref) => !ref.startsWith('refs/wt/trash/'))).toEqual([]);
    const place = join(repo.path, '.git/wt/trash', inTrash[0] ?? '');
    expect(existsSync(join(place, 'worktree/c.txt')) && existsSync(join(place, 'admin/index'))).toBe(true);
    expect(led.has(tip)).toBe(true);
    return 'trash';
  }
  expect(left.refs).toEqual([expect.stringMatching(/^refs\/wt\/attic\/feat\/x\//)]);
  expect([tip, ...blobs].filter((id) => !led.has(id))).toEqual([]);
  return 'attic';
}

describe('a wt that is killed by SIGKILL while it lets an entry of the trash go', () => {
  it('leaves it whole in the trash or whole in the attic', { timeout: 900_000 }, async () => {
    const { repo, blobs, tip, again, rebuild, undo } = await scene();
    await again();
    const { ran, effects } = await effectsOf(repo, empty);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(isSound(repo, blobs, tip)).toBe('attic');
    rebuild();
    const outcomes = new Set<string>();
    const points = momentsOf(effects, [
      ['after', /^spawn git .* add --all/],
      ['after', /^spawn git .*update-ref --no-deref refs\/wt\/attic/],
      ['after', /^rename .*trash\/trash-.*expired/],
      ['before', /^rm .*expired/],
    ]);
    for (const [when, effect] of points) {
      await again();
      await wtKilledAt(repo, empty, when, effect);
      const told = await wt(repo.path, repo.env, ['status']);
      const name = effects[effect - 1];
      expect([name, told.code]).toEqual([name, 0]);
      const outcome = isSound(repo, blobs, tip);
      outcomes.add(outcome);
      const once = await wt(repo.path, repo.env, [...empty, '--json']);
      expect([when, name, once.code, once.stderr]).toEqual([when, name, 0, '']);
      expect([when, name, isSound(repo, blobs, tip)]).toEqual([when, name, 'attic']);
      expect(remains(repo).trash).toEqual([]);
      rebuild();
    }
    expect([...outcomes].sort()).toEqual(['attic', 'trash']);
    expect(remains(repo)).toMatchObject({ refs: [], trash: [] });
    await expect(undo()).rejects.toMatchObject({ code: 'nothing_to_undo' });
  });
});

describe('an entry that is brought back while it is saved', () => {
  it.each(['before', 'after'] as const)(
    'is not gone, and nothing is left of that: %s git has read it',
    async (when) => {
      const { repo, path, before, again, undo, trash } = await scene();
      await again();
      const tamper = (hub: Hub): Hub => {
        const write: Hub['attic']['write'] = async (...args) => {
          if (when === 'before') await undo();
          const bundle = await hub.attic.write(...args);
          await undo();
          return bundle;
        };
        const attic = new Proxy(hub.attic, {
          get: (target, name) => (name === 'write' ? write : Reflect.get(target, name)),
        });
        return { ...hub, attic };
      };
      const [answer] = await trash('empty', { force: true }, { tamper });
      expect(answer?.error).toMatchObject({ code: 'nothing_to_undo' });
      expect(remains(repo)).toMatchObject({ intents: [], trash: [], refs: [] });
      expect({ ...whole(repo, path), log: '' }).toEqual({ ...before, log: '' });
    },
  );
});

describe('what runs in the background', () => {
  const stampOf = (repo: TestRepo) => join(repo.path, '.git/wt/cache/trash-due');
  const makeDue = (repo: TestRepo) => utimesSync(stampOf(repo), new Date(), new Date(Date.now() - 1000));
  const removedAt = (repo: TestRepo): number => {
    const [entry = ''] = remains(repo).trash;
    const place = join(repo.path, '.git/wt/trash', entry, 'entry.json');
    return Date.parse(JSON.parse(readFileSync(place, 'utf8')).removed_at);
  };
  const settings = (repo: TestRepo) => ({ ...repo.env, WT_TRASH_KEEP: '1s' });
  const errands = async (repo: TestRepo) =>
    (await processes.inside('/'))?.filter(({ command }) => command.includes(`__expire ${repo.path}`)) ?? [];
  const over = (repo: TestRepo) => until(async () => (await errands(repo)).length === 0);

  it('is started by a command when it is time, once by twenty at once, and ends by itself', async () => {
    const { repo, blobs, tip, again } = await scene();
    await again();
    expect(statSync(stampOf(repo)).mtimeMs).toBeGreaterThan(Date.now() + 3_000_000);
    await wt(repo.path, settings(repo), ['status']);
    expect(await errands(repo)).toEqual([]);
    await until(() => Date.now() >= removedAt(repo) + 1000); // a look before that leaves it for an hour
    makeDue(repo);
    const starts = join(repo.home, 'starts');
    const note = join(repo.home, 'note.cjs');
    writeFileSync(
      note,
      `if (process.argv.includes('__expire')) require('node:fs').appendFileSync(${JSON.stringify(starts)}, process.pid + ' ');`,
    );
    const env = { ...settings(repo), NODE_OPTIONS: `--require=${note}` };
    const codes = await Promise.all(
      Array.from({ length: full ? 20 : 6 }, () => wt(repo.path, env, ['status', '--json'])),
    );
    expect(codes.map(({ code }) => code)).toEqual(codes.map(() => 0));
    await until(() => remains(repo).trash.length === 0);
    await over(repo);
    expect(readFileSync(starts, 'utf8')).toMatch(/^\d+ $/);
    expect(isSound(repo, blobs, tip)).toBe('attic');
    expect(readFileSync(join(repo.path, '.git/wt/cache/expiry.log'), 'utf8')).toBe('');
    expect(existsSync(stampOf(repo))).toBe(false);
  });

  it('does nothing that list or a dry run would start', async () => {
    const { repo, again } = await scene();
    await again();
    makeDue(repo);
    for (const args of [['list'], ['cleanup', '--merged', '-n'], ['trash', 'list']])
      await wt(repo.path, settings(repo), args);
    expect(await errands(repo)).toEqual([]);
    expect(readdirSync(join(repo.path, '.git/wt/cache'))).toContain('trash-due');
    expect(remains(repo).trash).toHaveLength(1);
  });
});
