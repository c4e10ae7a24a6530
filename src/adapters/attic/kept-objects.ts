import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Ask } from '../git/ask.ts';
import { treeOf, type Within } from './work-tree.ts';

/** What the trash keeps for one entry, by its refs. */
export type KeptObjects = {
  readonly head: Sha | undefined;
  readonly headTree: Sha | undefined;
  /** The index, where git could write it as a tree. */
  readonly index: Sha | undefined;
  readonly commits: readonly Sha[];
  readonly others: readonly { readonly id: Sha; readonly type: string }[];
};

/** Reads the refs of an entry; a tag that another ref names needs no keeping. */
export async function readKept(ask: Ask, id: string, within: Within): Promise<KeptObjects> {
  const prefix = `refs/wt/trash/${id}/`;
  const rows = await ask({
    ...within,
    args: ['for-each-ref', '--format=%(refname) %(objecttype) %(objectname) %(tree)', prefix, 'refs/tags/'],
    parse: ({ stdout }) =>
      stdout
        .toString('latin1')
        .split('\n')
        .flatMap((row) => {
          const [ref = '', type = '', id = '', tree = ''] = row.split(' ');
          return isSha(id) ? [{ ref, type, id, tree: isSha(tree) ? tree : undefined }] : [];
        }),
  });
  const tags = new Set(rows.flatMap(({ ref, id }) => (ref.startsWith('refs/tags/') ? [id] : [])));
  const ours = rows.filter(({ ref }) => ref.startsWith(prefix));
  const named = (name: string) => ours.find(({ ref }) => ref === `${prefix}${name}`);
  const rest = ours.filter(({ ref }) => ![`${prefix}head`, `${prefix}index`].includes(ref));
  return {
    head: named('head')?.id,
    headTree: named('head')?.tree,
    index: named('index')?.id,
    commits: rest.flatMap(({ type, id }) => (type === 'commit' ? [id] : [])),
    others: rest.filter(({ type, id }) => type !== 'commit' && !(type === 'tag' && tags.has(id))),
  };
}

/** A tree that leads to blobs and trees, by their ids. */
export const treeOfOthers = (ask: Ask, others: KeptObjects['others'], within: Within): Promise<Sha> => {
  const rows = new Map(
    others.map(({ id, type }) => [id, `${type === 'tree' ? '040000' : '100644'} ${type} ${id}\t${id}\0`]),
  );
  return ask({ ...within, args: ['mktree', '-z'], input: [...rows.values()].join(''), parse: treeOf });
};
