import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MergeStart } from '../../application/ports/git.ts';
import { failures } from '../../domain/failure.ts';
import type { UnionCandidate } from '../../domain/resolution.ts';
import type { Sha } from '../../domain/sha.ts';
import type { HubContext } from '../context.ts';
import { type Ask, fields, line, nothing, readablePath } from './ask.ts';
import { operationIn } from './operations.ts';
import { inTheWay } from './overwritten.ts';
import { uniteEach, writeTexts } from './resolution.ts';
import { isAdded, isRemoved, readTouched } from './touched.ts';

type Context = Pick<HubContext, 'ask' | 'repository'>;

/** Begins a merge in a worktree and leaves its conflicts there, but for the files whose lines can be put together. */
export async function beginMerge(
  { ask, repository }: Context,
  { worktree, commit, message, union }: MergeStart,
): Promise<'conflicts' | 'merged'> {
  const at = { cwd: worktree, access: 'write' as const };
  const lost = await ignoredInTheWay(ask, worktree, commit);
  if (lost.length > 0) throw failures.dirtyForMerge(worktree, lost);
  const exitCode = await ask({
    args: ['-c', 'gc.auto=0', 'merge', '--no-ff', '--no-stat', '--quiet', '-m', message, commit],
    ...at,
    answers: [0, 1],
    parse: (reply) => reply.exitCode,
  });
  if (exitCode === 0) return 'merged';
  const gitDir = await ask({ args: ['rev-parse', '--absolute-git-dir'], ...at, parse: line });
  if (operationIn(gitDir) !== 'merge') throw failures.mergeNotBegun(worktree, commit);
  if (union.length > 0) await unite({ ask, repository }, worktree, union);
  return 'conflicts';
}

/**
 * The ignored files of a worktree where a merge puts something. git merge (2.39) overwrites them without a word,
 * whatever --no-overwrite-ignore says; what is only untracked it refuses itself.
 */
async function ignoredInTheWay(ask: Ask, worktree: string, commit: Sha): Promise<readonly string[]> {
  const at = { cwd: worktree, access: 'write' as const };
  const [head, base] = await ask({
    args: ['rev-parse', 'HEAD', `HEAD...${commit}`],
    ...at,
    // Of `a...b` it tells both ends, then the merge bases with a caret.
    parse: ({ stdout }) => {
      const ids = stdout.toString('latin1').split('\n');
      return [ids[0], ids.find((id) => id.startsWith('^'))?.slice(1)] as Sha[];
    },
  });
  if (head === undefined || base === undefined) return [];
  const [theirs, fromHead] = await Promise.all([
    readTouched(ask, { before: base, after: commit }),
    readTouched(ask, { before: head, after: commit }),
  ]);
  const changed = new Set(theirs.filter((each) => !isRemoved(each)).map(({ path }) => path));
  const removed = new Set(fromHead.filter(isRemoved).map(({ path }) => path));
  const added = fromHead.filter((each) => isAdded(each) && changed.has(each.path));
  const lost = new Set(added.flatMap(({ path }) => inTheWay(worktree, path, removed)));
  return [...lost].sort().map(readablePath);
}

async function unite({ ask, repository }: Context, worktree: string, union: MergeStart['union']) {
  const at = { cwd: worktree, access: 'write' as const };
  const unmerged = await ask({
    args: ['ls-files', '--unmerged', '-z'],
    ...at,
    parse: ({ stdout }) => fields(stdout),
  });
  const candidates = union.flatMap((wanted) => candidateOf(unmerged, wanted) ?? []);
  const folder = await mkdtemp(join(tmpdir(), 'wt-union-'));
  const place = { commonDir: repository.commonDir, folder, env: {}, settings: [] };
  try {
    const { united } = await uniteEach(ask, candidates, place);
    if (united.length === 0) return;
    const ids = await writeTexts(
      ask,
      united.map(({ text }) => text),
      place,
    );
    const nothingThere = '0'.repeat(ids[0]?.length ?? 0);
    const entries = united.map(
      ({ candidate: { path, mode } }, index) =>
        `0 ${nothingThere} 0\t${path}\0${mode} ${ids[index]} 0\t${path}\0`,
    );
    const index = { args: ['update-index', '-z', '--index-info'], input: entries.join('') };
    await ask({ ...index, ...at, parse: nothing });
    const paths = united.map(({ candidate }) => `${candidate.path}\0`).join('');
    await ask({
      args: ['checkout-index', '--force', '--index', '-z', '--stdin'],
      ...at,
      input: paths,
      parse: nothing,
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The versions of a path that is in conflict in an index. */
function candidateOf(
  unmerged: readonly string[],
  { path, by }: MergeStart['union'][number],
): UnionCandidate | undefined {
  const stages = new Map<string, { readonly mode: string; readonly id: string }>();
  for (const entry of unmerged) {
    const [, mode = '', id = '', stage = '', name] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(entry) ?? [];
    if (name === path) stages.set(stage, { mode, id });
  }
  const [base, ours, theirs] = [stages.get('1'), stages.get('2'), stages.get('3')];
  if (ours === undefined || theirs === undefined || ours.mode !== theirs.mode) return undefined;
  return { path, by, mode: ours.mode, base: base?.id, ours: ours.id, theirs: theirs.id };
}
