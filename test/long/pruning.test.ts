import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, openAsk } from '../../src/adapters/git/ask.ts';
import { openTrial } from '../../src/adapters/git/trials.ts';
import { type ComparisonPlan, planComparison } from '../../src/domain/comparison-plan.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { commitsOf, history } from '../support/histories.ts';
import { importCommits } from '../support/imports.ts';
import { makeRepo } from '../support/repo.ts';

const runs = Number(process.env.WT_RUNS ?? 2);

describe('pruning', () => {
  // Of many histories some lose a folder, of one perhaps none: that is compared in another way.
  it.each([
    { length: 50, times: 1 },
    { length: 1, times: 10 },
  ])(
    'hides no conflict that trying all pairs finds, in $length random histories',
    async ({ length, times }) => {
      let [pruned, conflicting] = [0, 0];
      await fc.assert(
        fc.asyncProperty(fc.array(history, { minLength: length, maxLength: length }), async (histories) => {
          const repo = makeRepo();
          const commonDir = `${repo.path}/.git`;
          const ask: Ask = openAsk({ cwd: commonDir, variables: repo.env });
          const commits = histories.map((steps, index) => commitsOf(`h${index}`, steps));
          const ids = importCommits(repo, commits.flat());
          const pairs = commits.flatMap((some) =>
            some.flatMap(({ name }, index) =>
              some.slice(index + 1).map((other) => ({
                name: `${name} ${other.name}`,
                ours: ids.get(name) as Sha,
                theirs: ids.get(other.name) as Sha,
              })),
            ),
          );
          const trial = openTrial(ask, { commonDir, ignoreCase: false });
          try {
            const bases = await trial.mergeBases([...ids.values()]);
            const sides = pairs.map(({ ours, theirs }) => ({
              ours: { commit: ours },
              theirs: { commit: theirs },
              bases: bases.of(ours, theirs) ?? [],
            }));
            const plan = planComparison(sides, bases.all) as ComparisonPlan;
            const comparison = await trial.compare(plan);
            const probes = await trial.probe(pairs, repo.git('rev-parse', 'main') as Sha);
            const hidden = pairs.filter(({ ours, theirs }, index) => {
              const [base, ...others] = bases.of(ours, theirs) ?? [];
              if (base === undefined || others.length > 0) return false;
              if (probes[index]?.kind === 'conflicts') conflicting++;
              if (comparison.meeting(base, ours, theirs).canConflict) return false;
              pruned++;
              return probes[index]?.kind !== 'clean';
            });
            expect(hidden.map(({ name }) => name)).toEqual([]);
          } finally {
            await trial.close();
          }
        }),
        { numRuns: runs * times, endOnFailure: true }, // shrinking takes minutes
      );
      expect(pruned).toBeGreaterThan(length);
      expect(conflicting).toBeGreaterThan(length);
    },
    300_000,
  );

  it('finds the merge bases that git finds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 4, maxLength: 4 }), async (histories) => {
        const repo = makeRepo();
        const commonDir = `${repo.path}/.git`;
        const commits = histories.map((steps, index) => commitsOf(`h${index}`, steps));
        const ids = importCommits(repo, commits.flat());
        const tips = [...ids.values()];
        const bases = await openTrial(openAsk({ cwd: commonDir, variables: repo.env }), {
          commonDir,
          ignoreCase: false,
        }).mergeBases(tips);
        const lines = repo.git(...['for-each-ref', '--format=%(objectname)', 'refs/heads']).split('\n');
        expect(new Set(lines).size).toBeGreaterThan(tips.length - 1);
        for (const [index, one] of tips.entries()) {
          const other = tips[(index * 7 + 3) % tips.length] as Sha;
          let expected: string[] = [];
          try {
            expected = repo.git('merge-base', '--all', one, other).split('\n');
          } catch {
            // none
          }
          expect([...(bases.of(one, other) ?? ['unknown'])].sort()).toEqual(expected.sort());
        }
      }),
      { numRuns: 2 },
    );
  }, 120_000);
});
