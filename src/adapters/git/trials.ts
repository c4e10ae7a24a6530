import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trial } from '../../application/ports/trials.ts';
import { openComparison } from '../../domain/comparison.ts';
import { isFailure } from '../../domain/failure.ts';
import { type MergeBases, openMergeBases } from '../../domain/merge-bases.ts';
import type { ProbePair } from '../../domain/merge-probe.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Repository } from '../../domain/repository.ts';
import type { HubContext } from '../context.ts';
import type { Ask } from './ask.ts';
import type { AttributesPlace } from './attributes.ts';
import { readEarlyHistory, readHistory } from './history.ts';
import { forScratch, writingObjectsTo } from './object-place.ts';
import { comparisonArgs, openTreeChanges } from './tree-changes.ts';

// Two gits side by side halve the time of many merges; a few are done before the second has started.
const enoughForTwo = 60;

/** Opens a place for merges in memory; its folder is made when it is first needed. */
export function openTrial(
  ask: Ask,
  { commonDir, ignoreCase }: Pick<Repository, 'commonDir' | 'ignoreCase'>,
  remove?: HubContext['remove'],
): Omit<Trial, 'records'> {
  let made: string | undefined;
  const scratch = () => {
    if (made === undefined) {
      made = mkdtempSync(join(tmpdir(), 'wt-trial-'));
      mkdirSync(join(made, 'objects')); // without it git finds no repository
    }
    return made;
  };
  const objects = () => writingObjectsTo(commonDir, [join(scratch(), 'objects')]);
  const places = new Map<Sha, Promise<AttributesPlace>>();
  const placeOf = (governing: Sha): Promise<AttributesPlace> => {
    const known = places.get(governing);
    if (known !== undefined) return known;
    const folder = join(scratch(), `attributes-${places.size}`);
    const opening = import('./attributes.ts').then(({ attributesPlace }) =>
      attributesPlace(ask, commonDir, { commit: governing, checkout: undefined }, folder, objects()),
    );
    opening.catch(() => {}); // whoever merges there is told
    places.set(governing, opening);
    return opening;
  };
  let indexes = 0;

  return {
    workTree: async (worktree, paths) => {
      const { writeWorkTree } = await import('./snapshot.ts');
      return writeWorkTree(ask, worktree, paths, join(scratch(), `index-${++indexes}`), objects());
    },
    commits: async (works) => {
      if (works.length === 0) return [];
      const folder = scratch();
      const files = works.map((work, index) => {
        const file = join(folder, `commit-${index}`);
        writeFileSync(file, commitText(work));
        return file;
      });
      return ask({
        args: ['hash-object', '-t', 'commit', '-w', '--stdin-paths'],
        input: files.map((file) => `${file}\n`).join(''),
        env: objects(),
        parse: ({ stdout }) => parseIds(stdout, works.length),
      });
    },
    mergeBases: async (tips) => {
      const unique = new Set(tips);
      const early = openMergeBases(tips);
      try {
        if (await readEarlyHistory(ask, unique, early)) return early.results();
        const search = openMergeBases(tips);
        await readHistory(ask, unique, search);
        return search.results();
      } catch (error) {
        if (!isFailure(error, 'git_failed')) throw error;
        return unknownBases;
      }
    },
    compare: async (plan) => {
      const open = () => openComparison(plan, { ignoreCase });
      let comparison = open();
      if (plan.steps.length === 0) return comparison;
      let reader = openTreeChanges(comparison.note, ignoreCase);
      return ask({
        args: comparisonArgs,
        env: made === undefined ? {} : objects(),
        input: plan.steps.map(({ commit, from }) => `${commit} ${from}\n`).join(''),
        pieces: () => {
          comparison = open();
          reader = openTreeChanges(comparison.note, ignoreCase);
          return reader.read;
        },
        parse: () => {
          reader.end();
          return comparison;
        },
      });
    },
    prepare: (governing) => {
      void placeOf(governing);
    },
    probe: async (pairs, governing) => {
      const [{ mergeTrees }, place] = await Promise.all([import('./merge-trees.ts'), placeOf(governing)]);
      const env = objects();
      const lane = (some: readonly ProbePair[]) =>
        mergeTrees(ask, some, {
          cwd: place.cwd,
          env: { ...place.env, ...env },
          settings: forScratch.flatMap((setting) => ['-c', setting]),
        });
      const half = pairs.length < enoughForTwo ? pairs.length : Math.ceil(pairs.length / 2);
      return (await Promise.all([lane(pairs.slice(0, half)), lane(pairs.slice(half))])).flat();
    },
    close: async () => {
      await Promise.allSettled(places.values());
      if (made !== undefined && (await remove?.(made)) !== true) removeFlat(made);
    },
  };
}

/** A folder of objects has hundreds of small ones: three calls each instead of the seven of a general removal. */
function removeFlat(folder: string): void {
  try {
    const objects = join(folder, 'objects');
    for (const fan of readdirSync(objects)) {
      const each = join(objects, fan);
      for (const name of readdirSync(each)) unlinkSync(`${each}/${name}`);
      rmdirSync(each);
    }
  } catch {
    // not as expected: the general way tells
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

const unknownBases: MergeBases = { of: () => undefined, all: [] };

/** The same ids for the same work, whoever looks and whenever. */
const commitText = ({ tree, parent }: { readonly tree: Sha; readonly parent: Sha }): string =>
  [`tree ${tree}`, `parent ${parent}`, 'author wt <wt> 0 +0000', 'committer wt <wt> 0 +0000', '', ''].join(
    '\n',
  );

function parseIds(stdout: Buffer, count: number): Sha[] {
  const ids = stdout.toString('latin1').split('\n').slice(0, -1).filter(isSha);
  if (ids.length !== count) throw new Error(`${ids.length} ids instead of ${count}`);
  return ids;
}
