import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComparedMerge, MergeRange } from '../../application/ports/git.ts';
import { describeOutside, type MergeCommit, outsideOf } from '../../domain/merge-audit.ts';
import type { MergeProbe, ProbePair } from '../../domain/merge-probe.ts';
import type { PathChange } from '../../domain/path-change.ts';
import type { Sha } from '../../domain/sha.ts';
import { type Ask, decodePath, fields } from './ask.ts';
import { attributesPlace } from './attributes.ts';
import { parseRawDiffs } from './changed-paths.ts';
import { mergeTrees } from './merge-trees.ts';
import { writingObjectsTo } from './object-place.ts';

/** The merge commits that a tip has and the others lack, the oldest first. */
export const readMerges = (ask: Ask, { tip, since }: MergeRange): Promise<MergeCommit[]> =>
  ask({
    args: [
      ...['log', '--merges', '--reverse', '--topo-order', '-z', '--no-show-signature', '--encoding=UTF-8'],
      ...['--format=%H%x00%P%x00%T%x00%s', tip, ...since.map((commit) => `^${commit}`), '--'],
    ],
    parse: ({ stdout }) => {
      const entries = fields(stdout);
      if (entries.length % 4 !== 0) throw new Error(`${entries.length} fields of merges`);
      return Array.from({ length: entries.length / 4 }, (_, at) => {
        const [commit = '', parents = '', tree = '', subject = ''] = entries.slice(at * 4, at * 4 + 4);
        return { commit: commit as Sha, parents: parents.split(' ') as Sha[], tree: tree as Sha, subject };
      });
    },
  });

type TwoParents = { readonly merge: MergeCommit; readonly pair: ProbePair };

/** Compares merges of two parents with what git makes of those, in their order and in few processes. */
export async function compareMerges(
  ask: Ask,
  commonDir: string,
  merges: readonly MergeCommit[],
): Promise<readonly ComparedMerge[]> {
  if (merges.length === 0) return [];
  const pairs = merges.map((merge): TwoParents => {
    const [ours, theirs, ...more] = merge.parents;
    if (ours === undefined || theirs === undefined || more.length > 0)
      throw new TypeError(`${merge.commit} has not two parents`);
    return { merge, pair: { ours, theirs } };
  });
  const folder = await mkdtemp(join(tmpdir(), 'wt-audit-'));
  try {
    const objects = join(folder, 'objects');
    await mkdir(objects);
    const env = writingObjectsTo(commonDir, [objects]);
    const probes = await mergeAgain(ask, commonDir, pairs, folder, env);
    const trees = probes.map(treeOf);
    const made = pairs.flatMap(({ merge }, at) => {
      const before = trees[at];
      return before === undefined || before === merge.tree ? [] : [{ at, before, after: merge.tree }];
    });
    const diffs = await readTreeDiffs(ask, made, env);
    const changes = new Map(made.map(({ at }, index) => [at, diffs[index] ?? []]));
    const outside = pairs.map((_, at) => {
      const probe = probes[at];
      return probe === undefined ? [] : outsideOf(changes.get(at) ?? [], probe);
    });
    const oneSided = await readOneSided(ask, pairs, outside);
    return pairs.map((_, at): ComparedMerge => {
      const probe = probes[at];
      if (trees[at] === undefined) return { kind: 'unknown', why: whyUnknown(probe) };
      const found = outside[at] ?? [];
      return {
        kind: 'compared',
        outside: describeOutside(found, changes.get(at) ?? [], oneSided[at] ?? new Set()),
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function treeOf(probe: MergeProbe): Sha | undefined {
  if (probe.kind === 'clean') return probe.tree;
  return probe.kind === 'conflicts' ? probe.merged?.tree : undefined;
}

const whyUnknown = (probe: MergeProbe | undefined): string => {
  if (probe?.kind === 'unrelated') return 'its parents have no common history';
  return probe?.kind === 'unknown' ? (probe.why.split('\n')[0] ?? '') : 'git gave no answer';
};

/** The merges of the parents, each with the attributes of its first: one process for all that share them. */
async function mergeAgain(
  ask: Ask,
  commonDir: string,
  pairs: readonly TwoParents[],
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<MergeProbe[]> {
  const groups = new Map<string, number[]>();
  for (const [at, attributes] of (await readAttributes(ask, pairs)).entries())
    groups.set(attributes, [...(groups.get(attributes) ?? []), at]);
  const probes: MergeProbe[] = [];
  for (const [number, members] of [...groups.values()].entries()) {
    const mine = members.flatMap((at) => pairs[at]?.pair ?? []);
    const [first] = mine;
    if (first === undefined) continue;
    const attributes = { commit: first.ours, checkout: undefined };
    const place = await attributesPlace(ask, commonDir, attributes, join(folder, `attributes-${number}`));
    const answers = await mergeTrees(ask, mine, {
      cwd: place.cwd,
      env: { ...place.env, ...env },
      settings: ['-c', 'core.looseCompression=0'],
    });
    for (const [index, at] of members.entries())
      probes[at] = answers[index] ?? { kind: 'unknown', why: 'git merge-tree gave no answer' };
  }
  return probes;
}

/** What tells the attributes of the first parents apart: how they differ from those of the first of all. */
async function readAttributes(ask: Ask, pairs: readonly TwoParents[]): Promise<readonly string[]> {
  const [first] = pairs;
  if (first === undefined || pairs.length === 1) return pairs.map(() => '');
  return ask({
    args: [
      ...['diff-tree', '--stdin', '-r', '--always', '--no-renames', '--raw', '--no-abbrev', '-z'],
      ...['--', ':(glob)**/.gitattributes'],
    ],
    input: pairs.map(({ pair }) => `${pair.ours} ${first.pair.ours}\n`).join(''),
    parse: ({ stdout }) =>
      parseRawDiffs(fields(stdout), pairs.length).map((changes) => JSON.stringify(changes)),
  });
}

/** The changed paths that are as one parent has them: what does not differ from it. */
async function readOneSided(
  ask: Ask,
  pairs: readonly TwoParents[],
  outside: readonly (readonly PathChange[])[],
): Promise<readonly ReadonlySet<string>[]> {
  const doubtful = [...pairs.keys()].filter((at) =>
    outside[at]?.some(({ status }) => status !== 'A' && status !== 'D'),
  );
  if (doubtful.length === 0) return [];
  const lines = doubtful.flatMap((at) =>
    (pairs[at]?.merge.parents ?? []).map((parent) => `${pairs[at]?.merge.commit} ${parent}\n`),
  );
  const diffs = await ask({
    args: ['diff-tree', '--stdin', '-r', '--always', '--no-renames', '--raw', '--no-abbrev', '-z'],
    input: lines.join(''),
    parse: ({ stdout }) => parseRawDiffs(fields(stdout), lines.length),
  });
  const sets: Set<string>[] = [];
  for (const [index, at] of doubtful.entries()) {
    const sides = diffs
      .slice(index * 2, index * 2 + 2)
      .map((changes) => new Set(changes.map(({ path }) => path)));
    const paths = (outside[at] ?? []).map(({ path }) => path);
    sets[at] = new Set(paths.filter((path) => sides.some((changed) => !changed.has(path))));
  }
  return sets;
}

/** What differs between the trees of each pair, in one process. */
async function readTreeDiffs(
  ask: Ask,
  pairs: readonly { readonly before: Sha; readonly after: Sha }[],
  env: Readonly<Record<string, string>>,
): Promise<PathChange[][]> {
  if (pairs.length === 0) return [];
  return ask({
    args: ['diff-tree', '--stdin', '-r', '--no-renames', '--raw', '--no-abbrev', '-z'],
    env,
    input: pairs.map(({ before, after }) => `${before} ${after}\n`).join(''),
    parse: ({ stdout }) => parseTreeDiffs(decodePath(stdout), pairs.length),
  });
}

/** The parser of `diff-tree --stdin --raw -z` for trees: a line with both ids opens the changes, and no NUL ends it. */
export function parseTreeDiffs(text: string, count: number): PathChange[][] {
  const all: PathChange[][] = [];
  const tokens = text.split('\0');
  for (let index = 0; index < tokens.length; index++) {
    let entry = tokens[index] ?? '';
    for (let line = header(entry); line !== undefined; line = header(entry)) {
      all.push([]);
      entry = entry.slice(line.length);
    }
    if (entry === '') continue;
    const path = tokens[++index];
    if (!entry.startsWith(':') || path === undefined)
      throw new Error(`no change of diff-tree: ${JSON.stringify(entry)}`);
    all.at(-1)?.push({ path, status: entry.at(-1) ?? '', raw: entry });
  }
  if (all.length !== count) throw new Error(`${all.length} diffs instead of ${count}`);
  return all;
}

const header = (text: string): string | undefined => /^[0-9a-f]{40,64} [0-9a-f]{40,64}\n/.exec(text)?.[0];
