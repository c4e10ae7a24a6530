import fc from 'fast-check';
import type { NewCommit, Tree } from './imports.ts';

export type Change = (tree: Record<string, Tree[string]>) => void;

const paths = ['a', 'b', 'd/a', 'd/b', 'd/c', 'e/a', 'e/b', 'd', 'new', 'log', 'A', 'D/a'];
const textOf = (content: Tree[string] | undefined) =>
  content === undefined ? undefined : typeof content === 'string' ? content : content.text;

/** Puts a file at a path, in the place of whatever is in its way. */
function place(tree: Record<string, Tree[string]>, path: string, content: Tree[string]): void {
  for (const other of Object.keys(tree))
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) delete tree[other];
  tree[path] = content;
}

const path = fc.constantFrom(...paths);

/** Links, submodules, and files that are not text. */
const oddities: readonly Tree[string][] = [
  { mode: '120000', text: 'a' },
  { mode: '120000', text: 'e' },
  { mode: '160000', text: '1'.repeat(40) },
  { mode: '160000', text: '2'.repeat(40) },
  'binary\0one\n',
  'binary\0two\n',
];
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
    weight: 3,
    arbitrary: fc.tuple(path, fc.constantFrom(3, 12), fc.nat(5)).map(
      ([file, line, mark]): Change =>
        (tree) => {
          const text = textOf(tree[file]);
          if (text !== undefined) tree[file] = text.split('\n').toSpliced(line, 0, `more ${mark}`).join('\n');
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
  {
    weight: 2,
    arbitrary: fc.tuple(path, fc.constantFrom(...oddities)).map(
      ([file, content]): Change =>
        (tree) =>
          place(tree, file, content),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'log merge=union\na -merge\n', 'd/* merge=union\n* merge=binary\n').map(
      (text): Change =>
        (tree) => {
          tree['.gitattributes'] = text;
        },
    ),
  },
);

/** Where a commit begins, what it merges (only the history counts), what it changes. */
export const commitSpec = fc.record({
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
const attributes: Tree = { '.gitattributes': 'log merge=union\n' };

export type CommitSpec = {
  readonly from: number;
  readonly merges: number | null;
  readonly changes: readonly Change[];
};

/** Commits `c0` and on, one for each spec; a merge has the tree of its first parent, changed. */
export function randomHistory(specs: readonly CommitSpec[], start: Tree = attributes): NewCommit[] {
  const made: NewCommit[] = [{ name: 'c0', tree: { ...base, ...start }, parents: [] }];
  for (const { from, merges, changes } of specs) {
    const parent = made[from % made.length] as NewCommit;
    const other = merges === null ? undefined : made[merges % made.length];
    const tree: Record<string, Tree[string]> = { ...parent.tree };
    for (const change of changes) change(tree);
    const parents = [parent.name, ...(other === undefined || other === parent ? [] : [other.name])];
    made.push({ name: `c${made.length}`, tree: { ...tree }, parents });
  }
  return made;
}
