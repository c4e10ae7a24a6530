import * as fc from 'fast-check';
import type { NewCommit, Tree } from './imports.ts';

/** A change to a tree; paths are taken from a few, so that changes meet. */
type Change =
  | { readonly kind: 'edit'; readonly path: number; readonly line: number; readonly text: string }
  | { readonly kind: 'remove'; readonly path: number }
  | { readonly kind: 'put'; readonly path: number; readonly seed: number }
  | { readonly kind: 'rename'; readonly path: number; readonly to: number }
  | { readonly kind: 'rename-folder'; readonly from: number; readonly to: number }
  | { readonly kind: 'mode'; readonly path: number }
  | { readonly kind: 'link'; readonly path: number; readonly to: number }
  | { readonly kind: 'submodule'; readonly path: number; readonly digit: number };

export type Step = {
  readonly parent: number;
  /** A merge of this one too, with whatever of it comes on top. */
  readonly merged: number | undefined;
  readonly changes: readonly Change[];
};

const paths = [
  'a',
  'b',
  'A',
  'B',
  'd',
  'D',
  'd/a',
  'd/b',
  'd/c',
  'd/s/a',
  'd/s/b',
  'd/s',
  'e',
  'e/a',
  'e/b',
  'f/s/a',
];
const folders = ['d', 'e', 'd/s', 'e/s', 'f', 'D', 'f/s'];

const pathAt = (index: number) => paths[index % paths.length] ?? 'a';
const folderAt = (index: number) => folders[index % folders.length] ?? 'd';
const number = (most: number) => fc.integer({ min: 0, max: most });

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      path: number(40),
      line: number(9),
      text: fc.constantFrom('x', 'y'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put' as const), path: number(40), seed: number(2) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), path: number(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('rename' as const), path: number(40), to: number(40) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('rename-folder' as const), from: number(6), to: number(6) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mode' as const), path: number(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('link' as const), path: number(40), to: number(40) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('submodule' as const),
      path: number(40),
      digit: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** A history of a few commits: of several lines, with merges, criss-cross ones too. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    parent: number(20),
    merged: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: number(20) }),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 3, maxLength: 7 },
);

type File = { readonly mode: string; readonly text: string };
type Files = Map<string, File>;

const lines = (seed: number) => Array.from({ length: 10 }, (_, at) => `${seed} ${at}\n`).join('');

/** Puts a file where no file may be above it and nothing below it. */
function put(files: Files, path: string, file: File): void {
  for (const other of [...files.keys()]) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  }
  files.set(path, file);
}

function apply(files: Files, made: Change): void {
  const present = [...files.keys()].sort();
  const some = (index: number) => present[index % Math.max(1, present.length)];
  const path = 'path' in made ? some(made.path) : undefined;
  const file = path === undefined ? undefined : files.get(path);
  switch (made.kind) {
    case 'put':
      put(files, pathAt(made.path), { mode: '100644', text: lines(made.seed) });
      return;
    case 'link':
      put(files, pathAt(made.path), { mode: '120000', text: pathAt(made.to) });
      return;
    case 'submodule':
      put(files, pathAt(made.path), { mode: '160000', text: String(made.digit).repeat(40) });
      return;
    case 'rename-folder': {
      const [from, to] = [folderAt(made.from), folderAt(made.to)];
      if (to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) return;
      for (const each of present.filter((other) => other.startsWith(`${from}/`))) {
        const moved = files.get(each);
        files.delete(each);
        if (moved !== undefined) put(files, `${to}${each.slice(from.length)}`, moved);
      }
      return;
    }
  }
  if (path === undefined || file === undefined) return;
  if (made.kind === 'remove') files.delete(path);
  if (made.kind === 'mode' && file.mode.startsWith('100'))
    files.set(path, { ...file, mode: file.mode === '100644' ? '100755' : '100644' });
  if (made.kind === 'edit' && file.mode.startsWith('100')) {
    const text = file.text.split('\n').map((line, at) => (at === made.line ? `${line}${made.text}` : line));
    files.set(path, { ...file, text: text.join('\n') });
  }
  if (made.kind === 'rename') {
    files.delete(path);
    put(files, pathAt(made.to), file);
  }
}

/** The commits of a history, called `<name>-<n>`; the first one has files in folders. */
export function commitsOf(name: string, steps: readonly Step[]): NewCommit[] {
  const root: Files = new Map(
    ['a', 'd/a', 'd/b', 'd/s/a', 'e/a'].map((path, seed) => [path, { mode: '100644', text: lines(seed) }]),
  );
  const trees: Files[] = [root];
  const commits: NewCommit[] = [{ name: `${name}-0`, tree: Object.fromEntries(root) as Tree, parents: [] }];
  for (const [index, { parent, merged, changes }] of steps.entries()) {
    const first = parent % trees.length;
    const second = merged === undefined ? first : merged % trees.length;
    const files: Files = new Map(trees[first]);
    if (second !== first)
      for (const [path, file] of trees[second] ?? []) if (!files.has(path)) put(files, path, file);
    for (const each of changes) apply(files, each);
    trees.push(files);
    commits.push({
      name: `${name}-${index + 1}`,
      tree: Object.fromEntries(files) as Tree,
      parents: [first, ...(second === first ? [] : [second])].map((at) => `${name}-${at}`),
    });
  }
  return commits;
}
