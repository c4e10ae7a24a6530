import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MergeStart } from '../../application/ports/git.ts';
import { failures } from '../../domain/failure.ts';
import type { UnionCandidate } from '../../domain/resolution.ts';
import type { HubContext } from '../context.ts';
import { fields, line, nothing } from './ask.ts';
import { operationIn } from './operations.ts';
import { uniteEach, writeTexts } from './resolution.ts';

type Context = Pick<HubContext, 'ask' | 'repository'>;

/** Begins a merge in a worktree and leaves its conflicts there, but for the files whose lines can be put together. */
export async function beginMerge(
  { ask, repository }: Context,
  { worktree, commit, message, union }: MergeStart,
): Promise<'conflicts' | 'merged'> {
  const at = { cwd: worktree, access: 'write' as const };
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

async function unite({ ask, repository }: Context, worktree: string, union: readonly string[]) {
  const at = { cwd: worktree, access: 'write' as const };
  const unmerged = await ask({
    args: ['ls-files', '--unmerged', '-z'],
    ...at,
    parse: ({ stdout }) => fields(stdout),
  });
  const candidates = union.flatMap((path) => candidateOf(unmerged, path) ?? []);
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
function candidateOf(unmerged: readonly string[], path: string): UnionCandidate | undefined {
  const stages = new Map<string, { readonly mode: string; readonly id: string }>();
  for (const entry of unmerged) {
    const [, mode = '', id = '', stage = '', name] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(entry) ?? [];
    if (name === path) stages.set(stage, { mode, id });
  }
  const [base, ours, theirs] = [stages.get('1'), stages.get('2'), stages.get('3')];
  if (ours === undefined || theirs === undefined || ours.mode !== theirs.mode) return undefined;
  return { path, mode: ours.mode, base: base?.id, ours: ours.id, theirs: theirs.id };
}
