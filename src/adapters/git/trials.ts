import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trial } from '../../application/ports/trials.ts';
import { type Comparison, openComparison } from '../../domain/comparison.ts';
import { isFailure } from '../../domain/failure.ts';
import { type MergeBases, openMergeBases } from '../../domain/merge-bases.ts';
import type { ProbePair } from '../../domain/merge-probe.ts';
import { isSha, type Sha } from '../../domain/sha.ts';
import type { Ask } from './ask.ts';
import { type AttributesPlace, attributesPlace } from './attributes.ts';
import { readHistory } from './history.ts';
import { forScratch, writingObjectsTo } from './object-folder.ts';
import { mergeTrees } from './probe.ts';
import { writeWorkTree } from './snapshot.ts';

// Two gits side by side halve the time of many merges; a few are done before the second has started.
const enoughForTwo = 60;

/** Opens a place for merges in memory; its folder is made when it is first needed. */
export function openTrial(ask: Ask, commonDir: string): Omit<Trial, 'records' | 'save'> {
  let made: Promise<string> | undefined;
  const scratch = () => {
    made ??= mkdtemp(join(tmpdir(), 'wt-trial-')).then(async (folder) => {
      await mkdir(join(folder, 'objects')); // without it git finds no repository
      return folder;
    });
    return made;
  };
  const objects = async () => writingObjectsTo(commonDir, [join(await scratch(), 'objects')]);
  const places = new Map<Sha, Promise<AttributesPlace>>();
  let indexes = 0;

  return {
    workTree: async (worktree, paths) =>
      writeWorkTree(ask, worktree, paths, join(await scratch(), `index-${++indexes}`), await objects()),
    commits: async (works) => {
      if (works.length === 0) return [];
      const folder = await scratch();
      const files = works.map((_, index) => join(folder, `commit-${index}`));
      await Promise.all(works.map((work, index) => writeFile(files[index] ?? '', commitText(work))));
      return ask({
        args: ['hash-object', '-t', 'commit', '-w', '--stdin-paths'],
        input: files.map((file) => `${file}\n`).join(''),
        env: await objects(),
        parse: ({ stdout }) => parseIds(stdout, works.length),
      });
    },
    mergeBases: async (tips) => {
      const search = openMergeBases(tips);
      try {
        await readHistory(ask, new Set(tips), search);
        return search.results();
      } catch (error) {
        if (!isFailure(error, 'git_failed')) throw error;
        return unknownBases;
      }
    },
    compare: async (mergeBases, commits) => {
      const comparison = openComparison(new Set(mergeBases));
      // One in the middle of the history that is compared: the nearer it is, the less differs.
      const reference = mergeBases[Math.floor(mergeBases.length / 2)];
      if (reference === undefined) return comparison;
      const others = [...new Set([...mergeBases, ...commits])].filter((commit) => commit !== reference);
      return ask({
        args: comparisonArgs,
        env: made === undefined ? {} : await objects(),
        input: others.map((commit) => `${commit} ${reference}\n`).join(''),
        parse: ({ stdout }) => {
          readComparison(stdout.toString('latin1'), comparison.note);
          return comparison;
        },
      });
    },
    probe: async (pairs, governing) => {
      const folder = await scratch();
      const env = await objects();
      const known = places.get(governing);
      const opened =
        known ??
        attributesPlace(
          ask,
          commonDir,
          { commit: governing, checkout: undefined },
          join(folder, `attributes-${places.size}`),
          env,
        );
      places.set(governing, opened);
      const place = await opened;
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
      if (made !== undefined) await rm(await made, { recursive: true, force: true, maxRetries: 3 });
    },
  };
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

// -t: the folders too, so that it shows which of them are new or gone.
const comparisonArgs = [
  'diff-tree',
  '--stdin',
  '-r',
  '-t',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--raw',
  '--no-abbrev',
  '-z',
];

/** The parser of `diff-tree --stdin -r -t --raw -z`: a commit's id opens its changes, if it has any. */
export function readComparison(text: string, note: Comparison['note']): void {
  const tokens = text.split('\0');
  let commit: Sha | undefined;
  for (let at = 0; at < tokens.length - 1; at++) {
    const token = tokens[at] ?? '';
    if (!token.startsWith(':')) {
      if (!isSha(token)) throw new Error(`no commit of diff-tree: ${JSON.stringify(token)}`);
      commit = token;
      continue;
    }
    const path = tokens[++at];
    if (path === undefined || commit === undefined) throw new Error(`no change of diff-tree: ${token}`);
    // `:<mode> <mode> <id> <id> <letter>`
    const length = (token.length - 18) / 2;
    const entry = (mode: number, id: number) => ({
      mode: token.slice(mode, mode + 6),
      id: token.slice(id, id + length),
    });
    note(commit, path, entry(1, 15), entry(8, 16 + length));
  }
}
