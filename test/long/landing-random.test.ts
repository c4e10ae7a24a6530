import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planLandings } from '../../src/application/landing.ts';
import type { BranchName } from '../../src/domain/branch-name.ts';
import { conflictPolicy } from '../../src/domain/conflict-policy.ts';
import type { Candidate } from '../../src/domain/merge-plan.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { cloneOf } from '../support/clone.ts';
import { importCommits } from '../support/imports.ts';
import { mergeScene } from '../support/merges.ts';
import { commitSpec, randomHistory } from '../support/random-history.ts';

it('landing random branches one after the other is what git merge does in a clone', {
  timeout: 3_600_000,
}, async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(commitSpec, { minLength: 4, maxLength: 9 }), async (specs) => {
      const scene = mergeScene();
      const { repo } = scene;
      const commits = importCommits(repo, randomHistory(specs));
      const names = [...commits.keys()];
      const [target = '', ...branches] = names.slice(-4);
      const clone = cloneOf(repo);
      clone.at(commits.get(target) as Sha);

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
        const merged = clone.merge(candidate.head);
        if (merged.kind === 'crashed') {
          expect(verdict.kind).toBe('refused'); // git crashed, as it did in memory
          return;
        }
        judged += 1;
        if (merged.kind === 'clean') {
          expect(['fast-forward', 'merge', 'up-to-date']).toContain(verdict.kind);
          expect('tree' in verdict ? verdict.tree : merged.tree).toBe(merged.tree);
        } else {
          expect(verdict.kind).toBe('conflicts');
          if (verdict.kind !== 'conflicts') return;
          const paths = verdict.conflicts.map(({ path }) => path);
          if (merged.paths.length > 0) expect(paths).toEqual(merged.paths);
          else expect(paths).not.toEqual([]);
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
