import { join } from 'node:path';
import type { Bundle } from '../../application/ports/attic.ts';
import { basicTime } from '../../domain/attic.ts';
import { failures } from '../../domain/failure.ts';
import type { Sha } from '../../domain/sha.ts';
import type { HubContext } from '../context.ts';
import { readKept, treeOfOthers } from './kept-objects.ts';
import type { Source } from './source.ts';
import type { Surveyed } from './survey.ts';
import { copiedIndex, treeOf, type Within, writeWorkTree } from './work-tree.ts';

type NewCommit = { readonly tree: Sha; readonly parents: readonly Sha[]; readonly message: string };

/**
 * Writes everything of an entry that git can hold as one commit, to which nothing refers yet. The same entry gives
 * the same commit, so that it can be done again.
 */
export async function writeBundle(
  { ask, repository }: Pick<HubContext, 'ask' | 'repository'>,
  source: Source,
  { nested, entries }: Pick<Surveyed, 'nested' | 'entries'>,
  scratch: string,
  within: Within,
): Promise<Bundle> {
  const { entry, folder } = source;
  const env = { ...within.env, ...copiedIndex(source, repository.commonDir, join(scratch, 'attic')) };
  const withIndex = { ...within, env };
  const kept = await readKept(ask, entry.id, within);
  if (kept.others.some(({ type }) => type === 'tag'))
    throw failures.staysInTrash(entry, { what: 'it refers to an annotated tag that no ref names' });
  const start = kept.headTree ?? (await ask({ ...within, args: ['mktree'], input: '', parse: treeOf }));
  const index = kept.index ?? start;
  const work =
    folder === undefined
      ? index
      : await writeWorkTree(ask, { ...source, folder }, nested, entries, withIndex);

  const write = ({ tree, parents, message }: NewCommit) => {
    const who = `wt <wt@localhost> ${Math.floor(Date.parse(entry.removed_at) / 1000)} +0000`;
    const head = [
      `tree ${tree}`,
      ...parents.map((id) => `parent ${id}`),
      `author ${who}`,
      `committer ${who}`,
    ];
    // commit-tree would ask for an identity and takes its parents as arguments, of which there may be too many.
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin'];
    return ask({ ...within, args, input: `${head.join('\n')}\n\n${message}\n`, parse: treeOf });
  };
  const name = entry.branch ?? 'a detached HEAD';
  const onHead = kept.head === undefined ? [] : [kept.head];
  const rest =
    kept.commits.length + kept.others.length === 0
      ? []
      : [
          await write({
            tree: await treeOfOthers(ask, kept.others, within),
            parents: kept.commits,
            message: `what else ${name} referred to`,
          }),
        ];
  const indexCommit = await write({
    tree: index,
    parents: [...onHead, ...rest],
    message: `index of ${name}`,
  });
  const facts = [`Worktree: ${JSON.stringify(entry.worktree_path)}`, `Trash: ${entry.id}`];
  const commit = await write({
    tree: work,
    parents: [...onHead, indexCommit],
    message: `${name}, removed ${basicTime(new Date(entry.removed_at))}\n\n${facts.join('\n')}`,
  });
  return {
    commit,
    ends: [...onHead, ...kept.commits],
    isClean: index === start && work === start && kept.others.length === 0,
  };
}
