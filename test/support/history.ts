import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { decodePath } from '../../src/adapters/git/ask.ts';
import type { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { type Clone, cloneOf, type Merged } from './clone.ts';
import { type MergeScene, mergeScene } from './merges.ts';
import { aRecord, keepRecord } from './records.ts';

/** Made by history.mjs: clean, conflicting and hand-made merges of all kinds, and topics that have not landed. */
export const historyBundle = fileURLToPath(new URL('../fixtures/history.bundle', import.meta.url));

export type HistoryMerge = {
  readonly commit: string;
  readonly ours: string;
  readonly theirs: string;
  readonly subject: string;
};

export type HistoryScene = MergeScene & { readonly clone: Clone };

/** A repository with all branches of a history (a bundle or a repository), `main` checked out; and its clone. */
export function historyScene(history = historyBundle, options = {}): HistoryScene {
  const scene = mergeScene(options);
  const { repo } = scene;
  repo.git('fetch', '-q', '--update-head-ok', history, '+refs/heads/*:refs/heads/*');
  repo.git('reset', '-q', '--hard');
  repo.git('clean', '-ffdxq');
  return { ...scene, clone: cloneOf(repo) };
}

/** The topics of the history in linked worktrees, with a run of each that has ended. */
export function withTopics({ repo, at }: HistoryScene): readonly string[] {
  const branches = repo.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/topic').split('\n');
  for (const [number, branch] of branches.entries()) {
    repo.git('worktree', 'add', '-q', at(branch), branch);
    const id = `dispatch-20260101-${100 + number}`;
    const finishedAt = new Date(1_760_000_000_000 + 60_000 * number);
    keepRecord(join(repo.path, '.git', 'wt'), aRecord({ id, worktree: at(branch), finishedAt }));
  }
  return branches;
}

/** The merges of two parents, the oldest first. */
export const mergesOf = ({ repo }: MergeScene): HistoryMerge[] =>
  repo
    .git('log', '--branches', '--min-parents=2', '--max-parents=2', '--reverse', '--format=%H %P %s')
    .split('\n')
    .map((row) => {
      const [commit = '', ours = '', theirs = '', ...subject] = row.split(' ');
      return { commit, ours, theirs, subject: subject.join(' ') };
    });

/** Whether wt's answer to a merge, a dry run or not, says what git did. */
export function expectSame(answer: MergeAnswer | undefined, merged: Merged, what: string): void {
  if (answer === undefined) throw new Error(`no answer for ${what}`);
  const paths = answer.conflicts.map(({ path }) => path);
  if (merged.kind === 'crashed') expect([what, answer.status]).toEqual([what, null]);
  else if (merged.kind === 'clean') {
    expect([what, paths]).toEqual([what, []]);
    expect([what, answer.status]).toEqual([
      what,
      expect.stringMatching(/^(?:merged|dry-run-clean|up-to-date|skipped)$/),
    ]);
    expect([what, answer.merge_tree ?? merged.tree]).toEqual([what, merged.tree]);
  } else {
    expect([what, answer.status]).toEqual([what, expect.stringMatching(/conflicts$/)]);
    if (merged.paths.length > 0) expect([what, paths]).toEqual([what, merged.paths]);
    else expect(paths).not.toEqual([]); // a folder that was split leaves no stages
  }
}

/** Previews every merge of a history by `wt merge -n`, and does it in the clone; gives how many there were of each. */
export async function previewAll(scene: HistoryScene, merges: readonly HistoryMerge[]) {
  const { repo, clone } = scene;
  const side = join(repo.root, 'side');
  repo.git('worktree', 'add', '-q', '--detach', side, 'main');
  const found = { clean: 0, conflicts: 0, crashed: 0 };
  for (const { ours, theirs, subject } of merges) {
    repo.git('update-ref', 'refs/heads/ours', ours);
    repo.gitIn(side, 'checkout', '-q', '--force', '--detach', theirs);
    const [answer] = await scene.merge({
      ...{
        worktree: [side],
        into: 'ours',
        strategy: 'merge',
        dryRun: true,
        auto: false,
        acceptOutside: true,
      },
    });
    clone.at(ours);
    const merged = clone.merge(theirs, '--no-ff');
    expectSame(answer, merged, subject);
    found[merged.kind] += 1;
  }
  return found;
}

/** Lands branches by `wt merge` and does the same in the clone by `git merge`, in the order that wt tells. */
export async function landAsGit(
  scene: HistoryScene,
  branches: readonly string[],
  strategy: 'auto' | 'merge' | 'squash',
  input: Readonly<Record<string, unknown>> = {},
): Promise<readonly MergeAnswer[]> {
  const { repo, clone } = scene;
  clone.at(repo.git('rev-parse', 'main'));
  const heads = new Map(branches.map((branch) => [branch, repo.git('rev-parse', branch)]));
  const answers = await scene.merge({ worktree: branches, into: 'main', strategy, ...input });
  const skipped = answers.flatMap(({ status, reason, branch }) =>
    status === 'skipped' && reason === 'nothing_ahead' ? [branch] : [],
  );
  const inOrder = answers
    .filter(({ order }) => order !== null)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  expect([...skipped, ...inOrder.map(({ branch }) => branch)].sort()).toEqual([...branches].sort());
  for (const answer of inOrder) {
    const head = heads.get(answer.branch ?? '') ?? '';
    const options = strategy === 'merge' ? ['--no-ff'] : [];
    const merged = strategy === 'squash' ? clone.squash(head) : clone.merge(head, ...options);
    expectSame(answer, merged, answer.branch ?? '');
  }
  expect(repo.git('rev-parse', 'main^{tree}')).toBe(clone.git('rev-parse', 'HEAD^{tree}'));
  return inOrder;
}

/** The paths in which two trees differ, as the contract gives them. */
export const differing = ({ clone }: HistoryScene, one: string, other: string): string[] =>
  decodePath(Buffer.from(clone.git('diff', '--name-only', '--no-renames', '-z', one, other), 'utf8'))
    .split('\0')
    .filter(Boolean);
