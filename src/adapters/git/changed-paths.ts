import type { TreeComparison } from '../../application/ports/git.ts';
import type { FileChange } from '../../domain/answers/diff.ts';
import type { Comparison, PathChange } from '../../domain/path-change.ts';
import { type Ask, fields } from './ask.ts';

const args = ['diff-tree', '--stdin', '-r', '--always', '--no-renames', '--no-ext-diff', '--no-textconv'];

/** The changed paths of any number of comparisons, in one process. */
export const readChangedPaths = (ask: Ask, comparisons: readonly Comparison[]): Promise<PathChange[][]> =>
  inOrder(comparisons, (input, count) =>
    ask({
      args: [...args, '--raw', '--no-abbrev', '-z'],
      input,
      parse: ({ stdout }) => parseRawDiffs(fields(stdout), count),
    }),
  );

/** The patches of any number of comparisons, in one process; one character per byte. */
export const readPatches = (ask: Ask, comparisons: readonly Comparison[]): Promise<string[]> =>
  inOrder(comparisons, (input, count) =>
    ask({
      args: [...args, '--patch', '--unified=3', '--full-index', '--no-color'],
      input,
      parse: ({ stdout }) => {
        // No line of a patch is an id alone: contents have a sign in front.
        const [, ...patches] = stdout.toString('latin1').split(/^(?:[0-9a-f]{40}|[0-9a-f]{64})\n/m);
        if (patches.length !== count) throw new Error(`${patches.length} patches instead of ${count}`);
        return patches;
      },
    }),
  );

/** The parser of `diff-tree --stdin --always --raw -z`: an id opens the changes of each line of the input. */
export function parseRawDiffs(entries: readonly string[], count: number): PathChange[][] {
  const all: PathChange[][] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? '';
    if (!entry.startsWith(':')) {
      all.push([]);
      continue;
    }
    const path = entries[++index];
    if (path === undefined) throw new Error(`a change without a path: ${JSON.stringify(entry)}`);
    all.at(-1)?.push({ path, status: entry.at(-1) ?? '', raw: entry });
  }
  if (all.length !== count) throw new Error(`${all.length} diffs instead of ${count}`);
  return all;
}

// `commit since` on a line makes diff-tree (2.39) forget the commit's own parents, so those lines come last.
async function inOrder<T>(
  comparisons: readonly Comparison[],
  ask: (input: string, count: number) => Promise<readonly T[]>,
): Promise<T[]> {
  if (comparisons.length === 0) return [];
  const order = [...comparisons.keys()].sort(
    (a, b) => Number(comparisons[a]?.since !== undefined) - Number(comparisons[b]?.since !== undefined),
  );
  const lines = order.map((at) =>
    [comparisons[at]?.commit, comparisons[at]?.since].filter(Boolean).join(' '),
  );
  const answers = await ask(`${lines.join('\n')}\n`, comparisons.length);
  const byPlace = new Map(order.map((at, index) => [at, answers[index]]));
  return comparisons.map((_, at) => byPlace.get(at) as T);
}

/** What differs between a commit and a tree, with counts of lines; `env` may lend git the tree's objects. */
export const readFileChanges = (
  ask: Ask,
  { base, tree, paths, cwd, env }: TreeComparison,
): Promise<FileChange[]> =>
  ask({
    args: ['diff-tree', '-r', '-z', '--no-renames', '--raw', '--numstat', base, tree, '--', ...paths],
    cwd,
    env,
    parse: ({ stdout }) => parseFileChanges(fields(stdout)),
  });

/** The parser of `diff-tree -z --raw --numstat`: all paths with their status first, then all with their lines. */
export function parseFileChanges(entries: readonly string[]): FileChange[] {
  const files = new Map<string, FileChange>();
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? '';
    if (entry.startsWith(':')) {
      const path = entries[++index] ?? '';
      files.set(path, { path, status: entry.at(-1) ?? '', added: null, deleted: null });
      continue;
    }
    const [, added = '', deleted = '', path = ''] = /^(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(entry) ?? [];
    const file = files.get(path);
    if (file === undefined) throw new Error(`no change of diff-tree: ${JSON.stringify(entry)}`);
    const count = (digits: string) => (digits === '-' ? null : Number(digits));
    files.set(path, { ...file, added: count(added), deleted: count(deleted) });
  }
  return [...files.values()];
}
