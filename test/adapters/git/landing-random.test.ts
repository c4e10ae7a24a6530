import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planLandings } from '../../../src/application/landing.ts';
import type { BranchName } from '../../../src/domain/branch-name.ts';
import { conflictPolicy } from '../../../src/domain/conflict-policy.ts';
import type { Candidate } from '../../../src/domain/merge-plan.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits, type NewCommit, type Tree } from '../../support/imports.ts';
import { mergeScene } from '../../support/merges.ts';

type Change = (tree: Record<string, Tree[string]>) => void;

const paths = ['a', 'b', 'd/a', 'd/b', 'd/c', 'e/a', 'e/b', 'd', 'new', 'log'];
const textOf = (content: Tree[string] | undefined) =>
  content === undefined ? undefined : typeof content === 'string' ? content : content.text;

/** Puts a file at a path, in the place of whatever is in its way. */
function place(tree: Record<string, Tree[string]>, path: string, content: Tree[string]): void {
  for (const other of Object.keys(tree))
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) delete tree[other];
  tree[path] = content;
}

const path = fc.constantFrom(...paths);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(path, fc.nat(11), fc.constantFrom('x', 'y', 'z')).map(
      ([file, line, mark]): Change =>
        (tree) => {
          const text = textOf(tree[file]);
          if (text === undefined) return;
          const rows = text.split('\n');
          tree[file] = rows.with(line % rows.length, mark).join('\n');
        },
    ),
  },
  {
    weight: 1,
    arbitrary: path.map(
      (file): Change =>
        (tree) =>
          void delete tree[file],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, path).map(
      ([from, to]): Change =>
        (tree) => {
          const content = tree[from];
          if (content === undefined || from === to) return;
          delete tree[from];
          place(tree, to, content);
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(['d', 'e'], ['e', 'd'], ['d', 'moved'] as const).map(
      ([from, to]): Change =>
        (tree) => {
          for (const [file, content] of Object.entries(tree)) {
            if (!file.startsWith(`${from}/`)) continue;
            delete tree[file];
            place(tree, `${to}${file.slice(from?.length)}`, content);
          }
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, fc.constantFrom('one\n', 'two\n')).map(
      ([file, text]): Change =>
        (tree) =>
          place(tree, file, text),
    ),
  },
  {
    weight: 1,
    arbitrary: path.map(
      (file): Change =>
        (tree) => {
          const text = textOf(tree[file]);
          if (text !== undefined) tree[file] = { mode: '100755', text };
        },
    ),
  },
);

/** Where a commit begins, what it merges (only the history counts), what it changes. */
const commit = fc.record({
  from: fc.nat(),
  merges: fc.option(fc.nat(), { freq: 4 }),
  changes: fc.array(change, { minLength: 1, maxLength: 5 }),
});

const base: Tree = Object.fromEntries(
  ['a', 'b', 'd/a', 'd/b', 'e/a', 'log'].map((file) => [
    file,
    Array.from({ length: 12 }, (_, line) => `${file} ${line}`)
      .concat('')
      .join('\n'),
  ]),
);
const attributes = { '.gitattributes': 'log merge=union\n' };

function history(
  specs: readonly { from: number; merges: number | null; changes: readonly Change[] }[],
): NewCommit[] {
  const made: NewCommit[] = [{ name: 'c0', tree: { ...base, ...attributes }, parents: [] }];
  for (const { from, merges, changes } of specs) {
    const parent = made[from % made.length] as NewCommit;
    const other = merges === null ? undefined : made[merges % made.length];
    const tree: Record<string, Tree[string]> = { ...parent.tree };
    for (const change of changes) change(tree);
    const parents = [parent.name, ...(other === undefined || other === parent ? [] : [other.name])];
    made.push({ name: `c${made.length}`, tree: { ...tree, ...attributes }, parents });
  }
  return made;
}

it('landing random branches one after the other is what git merge does in a clone', async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { minLength: 4, maxLength: 9 }), async (specs) => {
      const scene = mergeScene();
      const { repo } = scene;
      const commits = importCommits(repo, history(specs));
      const names = [...commits.keys()];
      const [target = '', ...branches] = names.slice(-4);
      repo.git('worktree', 'add', '-q', join(repo.root, 'clone'), '--detach', target);
      const clone = (...args: string[]) =>
        spawnSync('git', ['-C', join(repo.root, 'clone'), ...args], { env: repo.env, encoding: 'utf8' });

      const hub = await scene.hub();
      const scratch = await hub.landings.openScratch({ keepable: false });
      const tip = { commit: commits.get(target) as Sha, tree: undefined };
      const targets = new Map([[target, { branch: target, tip, checkout: undefined }]]);
      const candidates = branches.map((branch): Candidate => {
        const head = commits.get(branch) as Sha;
        return {
          name: branch,
          worktreePath: branch,
          branch: branch as BranchName,
          head,
          tree: undefined,
          target,
        };
      });
      const plan = await planLandings(scratch, targets, candidates, {
        strategy: 'auto',
        message: undefined,
        policy: conflictPolicy({ union: [], auto: false }),
      });
      await scratch.close();

      for (const { verdict, candidate } of plan.steps) {
        const merged = clone('merge', '--quiet', '--no-edit', candidate.name);
        if (merged.signal !== null) {
          expect(verdict.kind).toBe('refused'); // git crashed, as it did in memory
          return;
        }
        judged += 1;
        if (merged.status === 0) {
          const tree = clone('rev-parse', 'HEAD^{tree}').stdout.trim();
          expect(['fast-forward', 'merge', 'up-to-date']).toContain(verdict.kind);
          expect('tree' in verdict ? verdict.tree : tree).toBe(tree);
        } else {
          const unmerged = clone('ls-files', '--unmerged', '-z').stdout.split('\0').filter(Boolean);
          const named = unmerged.map((entry) =>
            entry.replace(/^.*\t/, '').replace(/~(?:HEAD|c\d+)(?:_\d+)?$/, ''),
          );
          expect(verdict.kind).toBe('conflicts');
          if (verdict.kind !== 'conflicts') return;
          const paths = verdict.conflicts.map(({ path }) => path);
          if (named.length > 0) expect(paths).toEqual([...new Set(named)].sort());
          else expect(paths).not.toEqual([]);
          clone('reset', '-q', '--hard');
          clone('clean', '-fdxq');
        }
      }
    }),
    {
      numRuns: Number(process.env.WT_TEST_RUNS ?? 8),
      ...(process.env.WT_TEST_SEED ? { seed: Number(process.env.WT_TEST_SEED) } : {}),
    },
  );
  expect(judged).toBeGreaterThan(8);
});
