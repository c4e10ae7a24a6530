import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planLandings } from '../../src/application/landing.ts';
import type { MergeAnswer } from '../../src/domain/answers/merge.ts';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { conflictPolicy } from '../../src/domain/conflict-policy.ts';
import { landingStrategies } from '../../src/domain/merge-plan.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { cloneOf } from '../support/clone.ts';
import { expectSame } from '../support/history.ts';
import { importCommits } from '../support/imports.ts';
import { type MergeScene, mergeScene } from '../support/merges.ts';
import { type CommitSpec, commitSpec, randomHistory } from '../support/random-history.ts';

/**
 * WT_TEST_RUNS=1000 WT_TEST_SEED=7 WT_TEST_PATH=3:1 take more, or the same once more. The few runs of the suite are
 * always the same histories, in which everything that is asked for below happens.
 */
function seed(): { readonly seed?: number } {
  const { WT_TEST_SEED, WT_TEST_RUNS } = process.env;
  if (WT_TEST_SEED !== undefined) return { seed: Number(WT_TEST_SEED) };
  return WT_TEST_RUNS === undefined ? { seed: 1 } : {};
}

const runs = (usual: number) => ({
  numRuns: Number(process.env.WT_TEST_RUNS ?? usual),
  endOnFailure: process.env.WT_TEST_RUNS !== undefined,
  ...seed(),
  ...(process.env.WT_TEST_PATH ? { path: process.env.WT_TEST_PATH } : {}),
});

const specs = fc.array(commitSpec, { minLength: 6, maxLength: 10 });

type RandomScene = MergeScene & { readonly branches: readonly string[] };

/** A random history with its last commits as branches in linked worktrees, and `main` on the one before them. */
function sceneOf(given: readonly CommitSpec[], count: number): RandomScene {
  const scene = mergeScene();
  const { repo } = scene;
  const commits = importCommits(repo, randomHistory(given));
  const branches = [...commits.keys()].slice(-count);
  const [main = ''] = [...commits.keys()].slice(-count - 1);
  repo.git('reset', '-q', '--hard', main);
  for (const branch of branches) repo.git('worktree', 'add', '-q', scene.at(branch), branch);
  return { ...scene, branches };
}

/** What both a plan and its landing say. */
const foreseen = ({ status, error, ...answer }: MergeAnswer) => ({
  branch: answer.branch,
  status: status?.replace('dry-run-clean', 'merged').replace('dry-run-', '') ?? error?.code,
  strategy: answer.strategy,
  conflicts: answer.conflicts,
  kinds: answer.escalations.map(({ path, kind }) => [path, kind]),
  tree: answer.merge_tree,
  order: answer.order,
  why: answer.order_reason,
});

it('what a dry run says is what lands, whatever the strategy', { timeout: 3_600_000 }, async () => {
  let landed = 0;
  const property = fc.asyncProperty(
    specs,
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom(...landingStrategies),
    fc.record({ isCheckedOut: fc.boolean(), auto: fc.boolean() }),
    async (given, count, strategy, { isCheckedOut, auto }) => {
      const scene = sceneOf(given, count);
      const { repo, branches } = scene;
      if (!isCheckedOut) repo.git('checkout', '-q', '--detach');
      const input = { worktree: branches, into: 'main', strategy, auto, acceptOutside: true };
      const land = (more = {}) =>
        scene.merge({ ...input, ...more }).catch((failure: { code: string }) => failure.code);
      const dry = await land({ dryRun: true });
      const real = await land();
      if (typeof dry === 'string' || typeof real === 'string') {
        expect(real).toBe(dry);
        return;
      }
      expect(real.map(foreseen)).toEqual(dry.map(foreseen));
      const last = real
        .filter(({ status }) => status === 'merged')
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
      landed += last.length;
      const tree = last.at(-1)?.merge_tree;
      if (tree !== undefined) expect(repo.git('rev-parse', 'main^{tree}')).toBe(tree);
      expect(repo.git('status', '--porcelain')).toBe('');
      for (const branch of branches) expect(repo.gitIn(scene.at(branch), 'status', '--porcelain')).toBe('');
    },
  );
  await fc.assert(property, runs(4));
  expect(landed).toBeGreaterThan(3);
});

const linesOf = (text: string): ReadonlySet<string> => new Set(text.split('\n').filter(Boolean));

it("keeps every line that git's own merge would keep, where both sides are put together too", {
  timeout: 3_600_000,
}, async () => {
  let united = 0;
  const everywhere = { '.gitattributes': '' };
  const property = fc.asyncProperty(fc.array(commitSpec, { minLength: 5, maxLength: 9 }), async (given) => {
    const scene = mergeScene();
    const { repo } = scene;
    const commits = importCommits(repo, randomHistory(given, everywhere));
    const [ours = '', ...theirs] = [...commits.values()].slice(-4) as Sha[];
    const clone = cloneOf(repo);
    const hub = await scene.hub();
    const scratch = await hub.landings.openScratch({ keepable: true });
    try {
      for (const head of theirs) {
        const tip = { commit: ours as Sha, tree: undefined };
        const candidate = {
          name: head,
          worktreePath: head,
          branch: undefined,
          head,
          tree: undefined,
          target: 'main',
        };
        const plan = await planLandings(
          scratch,
          new Map([['main', { branch: 'main', tip, checkout: undefined }]]),
          [candidate],
          { strategy: 'merge', message: undefined, policy: conflictPolicy({ union: ['**'], auto: true }) },
        );
        const [step] = plan.steps;
        if (step === undefined || !('tree' in step.verdict)) continue;
        const resolved = (step.verdict.resolved ?? []).map(({ path }) => path);
        await scratch.keep(step.after);
        clone.at(ours);
        clone.begin(head);
        for (const path of resolved) {
          united += 1;
          const kept = linesOf(clone.read(path).replace(/^(?:<{7}|>{7}|={7}).*\n/gm, ''));
          const found = linesOf(repo.git('show', `${step.verdict.tree}:${path}`));
          expect([path, [...kept].filter((line) => !found.has(line))]).toEqual([path, []]);
        }
      }
    } finally {
      await scratch.close();
    }
  });
  await fc.assert(property, runs(8));
  expect(united).toBeGreaterThan(0);
});

it('squashes what git merge --squash does', { timeout: 3_600_000 }, async () => {
  const property = fc.asyncProperty(specs, async (given) => {
    const scene = sceneOf(given, 3);
    const clone = cloneOf(scene.repo);
    clone.at(scene.repo.git('rev-parse', 'main'));
    const answers = await scene.merge({
      worktree: scene.branches,
      into: 'main',
      strategy: 'squash',
      auto: false,
      acceptOutside: true,
    });
    for (const answer of [...answers].sort((a, b) => (a.order ?? 0) - (b.order ?? 0))) {
      const merged = clone.squash(scene.repo.git('rev-parse', answer.branch ?? ''));
      expectSame(answer, merged, answer.branch ?? '');
      if (merged.kind === 'crashed') return;
    }
    expect(scene.repo.git('rev-parse', 'main^{tree}')).toBe(clone.git('rev-parse', 'HEAD^{tree}'));
  });
  await fc.assert(property, runs(4));
});

it('rebases as git rebase does, or stops where it stops', { timeout: 3_600_000 }, async () => {
  const counts = { replayed: 0, stuck: 0 };
  const property = fc.asyncProperty(specs, async (given) => {
    const scene = mergeScene();
    const { repo } = scene;
    const commits = [...importCommits(repo, randomHistory(given)).values()] as Sha[];
    const clone = cloneOf(repo);
    const hub = await scene.hub();
    const scratch = await hub.landings.openScratch({ keepable: true });
    const [target = '' as Sha, ...heads] = commits.slice(-4);
    const policy = conflictPolicy({ union: [], auto: false });
    try {
      for (const head of heads) {
        const candidate = {
          name: head,
          worktreePath: head,
          branch: head as string as BranchName,
          head,
          tree: undefined,
          target: 'main',
        };
        const tip = { commit: target, tree: undefined };
        const targets = new Map([['main', { branch: 'main', tip, checkout: undefined }]]);
        const plan = await planLandings(scratch, targets, [candidate], {
          strategy: 'rebase',
          message: undefined,
          policy,
        });
        const [step] = plan.steps;
        const verdict = step?.verdict;
        clone.at(target);
        const rebased = clone.rebase(head);
        if (rebased.kind === 'crashed' || verdict?.kind === 'up-to-date') continue;
        if (verdict?.kind === 'conflicts') {
          counts.stuck += 1;
          expect([head, verdict.at?.commit, rebased.kind]).toEqual([head, rebased.at, 'conflicts']);
          if (rebased.kind === 'conflicts' && rebased.paths.length > 0)
            expect(verdict.conflicts.map(({ path }) => path)).toEqual(rebased.paths);
          continue;
        }
        if (verdict === undefined || step === undefined || !('tree' in verdict))
          throw new Error(`no landing: ${verdict?.kind}`);
        // What can be fast-forwarded is, though git takes the merges out of it.
        if (verdict.kind !== 'rebase') continue;
        expect([head, rebased]).toEqual([head, { kind: 'clean', tree: verdict.tree }]);
        counts.replayed += 1;
        await scratch.keep(step.after);
        const told = (git: (...args: string[]) => string, commit: string) =>
          git('log', '--format=%T %an <%ae> %ad %B', `${target}..${commit}`);
        expect(told(repo.git, step.after)).toBe(told(clone.git, 'HEAD'));
      }
    } finally {
      await scratch.close();
    }
  });
  await fc.assert(property, runs(8));
  expect(counts.replayed + counts.stuck).toBeGreaterThan(0);
});
