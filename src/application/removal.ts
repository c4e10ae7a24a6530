import type { CleanupAnswer } from '../domain/answers/cleanup.ts';
import { type Base, baseOf } from '../domain/base.ts';
import { newestRun } from '../domain/dispatch.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import { type Integration, mayDeleteBranch, type RemovalFacts, refusal } from '../domain/removal.ts';
import type { TrashEntry } from '../domain/trash.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { integrated } from './integration.ts';
import type { Hub, Ports } from './ports.ts';

export type RemovalOptions = {
  /** Removes uncommitted changes and commits that are not in the base too: they stay in the trash. */
  readonly force: boolean;
  /** Ends the processes whose current directory is inside. */
  readonly kill: boolean;
  readonly keepBranch: boolean;
  /** The caller takes the user out of the worktree afterwards. */
  readonly leaving: boolean;
};

/** What removal needs to know of the whole repository, asked once for a batch. */
export type RemovalScene = { readonly worktrees: readonly Worktree[]; readonly refs: readonly RefFacts[] };

export const openScene = async (hub: Hub): Promise<RemovalScene> => {
  const [worktrees, refs] = await Promise.all([hub.git.worktrees(), hub.git.refs()]);
  return { worktrees, refs };
};

/** A worktree that was looked at: the facts, what they were judged against, and what could not be told. */
export type Inspected = {
  readonly facts: RemovalFacts;
  readonly base: Base | undefined;
  readonly warnings: readonly Warning[];
};

export async function inspect(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  leaving: boolean,
): Promise<Inspected> {
  const isThere = (await hub.folders.kind(worktree.path)) !== 'absent';
  const impostor = worktree.isMain ? undefined : await hub.trash.impostor(worktree);
  const base = baseOf(worktree, scene.refs);
  const warnings: Warning[] = [];
  const [changes, runs, integration, divergence] = await Promise.all([
    isThere && impostor === undefined && !worktree.isMain ? hub.git.changes(worktree.path) : undefined,
    hub.runs.list(),
    judge(hub, worktree, base),
    base === undefined || worktree.head === undefined
      ? []
      : hub.git.divergence([{ base: base.sha, tip: worktree.head }]),
  ]);
  const newest = newestRun(runs, worktree);
  const run = newest === undefined ? undefined : await hub.supervisors.reconcile(newest);
  if (integration.kind === 'unknown')
    warnings.push({ code: 'integration_unknown', message: integration.why });
  return {
    base,
    warnings,
    facts: {
      worktree,
      impostor,
      occupiedByUs: worktree.path === hub.repository.current && !leaving,
      runningDispatch:
        run?.dispatch.status === 'running' ? (run.dispatch.dispatch_id ?? 'a dispatch') : undefined,
      changes,
      base: base?.branch,
      ahead: divergence[0]?.ahead,
      integration,
    },
  };
}

async function judge(hub: Hub, worktree: Worktree, base: Base | undefined): Promise<Integration> {
  if (worktree.head === undefined) return { kind: 'unknown', why: 'its HEAD cannot be read' };
  if (base === undefined) return { kind: 'unknown', why: 'no base branch is known' };
  const [answer] = await integrated(hub, [{ base: base.sha, tip: worktree.head }]);
  return answer ?? { kind: 'unknown', why: 'git gave no answer' };
}

export const blankCleanup = (worktree: Worktree): CleanupAnswer => ({
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  removed: false,
  branch_deleted: false,
  integrated: null,
  trash: null,
  archived: null,
  warnings: [],
  error: null,
});

/** What a removal would do, without doing it; throws the refusal. */
export async function previewRemoval(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
) {
  const inspected = await inspect(hub, scene, worktree, options.leaving);
  const refused = refusal(inspected.facts, options);
  if (refused !== undefined) throw refused;
  const { integration } = inspected.facts;
  const answer: CleanupAnswer = {
    ...blankCleanup(worktree),
    branch_deleted: mayDeleteBranch(inspected.facts, scene.worktrees, options.keepBranch),
    integrated: integration.kind === 'yes' ? integration.why : null,
    warnings: [...inspected.warnings],
  };
  return { inspected, answer };
}

/**
 * Removes a worktree into the trash: refs first, then folder and registration by rename, then the branch by
 * compare-and-swap. Throws the refusal when nothing was begun.
 */
export async function removeWorktree(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
): Promise<CleanupAnswer> {
  const { answer } = await previewRemoval(hub, scene, worktree, options);
  const warnings = [...answer.warnings, ...(await clearOccupants(hub, worktree, options.kill))];
  const onWait = (holder: string) => narrator.note(`waiting for ${holder}`);
  return hub.locks.hold(
    'repository',
    async () => {
      const entry = await hub.trash.prepare(worktree);
      const withBranch: TrashEntry = { ...entry, branch_deleted: answer.branch_deleted };
      await hub.intents.during(
        'cleanup',
        { worktreePath: worktree.path, step: 'begun', data: { entry: withBranch } },
        async (intent) => {
          try {
            await hub.trash.keep(withBranch);
            await intent.step('kept');
            // What was clean when it was looked at may have been written to since.
            await assertUnchanged(hub, worktree, options);
            await hub.trash.moveIn(withBranch);
          } catch (error) {
            if (isFailure(error)) await backOut(hub, withBranch, intent.id);
            throw error;
          }
          await intent.step('moved');
          await finishRemoval(hub, withBranch);
        },
      );
      return { ...answer, removed: true, trash: entry.id, warnings };
    },
    { purpose: 'wt cleanup', onWait, signal: narrator.signal },
  );
}

/** The last steps of a removal, also taken by recovery: each may have been done before. */
export async function finishRemoval(hub: Hub, entry: TrashEntry): Promise<void> {
  const { branch, head } = entry;
  await hub.trash.record(entry);
  if (entry.branch_deleted && branch !== null && head !== null) {
    const deleted = await hub.edits.deleteBranch(branch, head);
    if (!deleted) await hub.trash.record({ ...entry, branch_deleted: false });
  }
  await hub.folders.pruneParents(entry.worktree_path, hub.repository.parent);
}

/** Brings a worktree back, also taken by recovery: each step may have been done before. */
export async function finishUndo(hub: Hub, entry: TrashEntry): Promise<void> {
  if (entry.branch !== null && entry.head !== null) await hub.trash.restoreBranch(entry.branch, entry.head);
  await hub.trash.moveOut(entry);
  await hub.trash.forget(entry);
}

/** Takes back a removal that was not done: whatever was moved goes back, the refs are dropped. */
export async function backOut(hub: Hub, entry: TrashEntry, intentId: string): Promise<void> {
  await hub.trash.moveOut(entry);
  await hub.trash.forget(entry);
  await hub.intents.clear(intentId);
}

async function assertUnchanged(hub: Hub, worktree: Worktree, options: RemovalOptions): Promise<void> {
  const now = (await hub.git.worktrees()).find(({ path }) => path === worktree.path);
  if (now === undefined) throw failures.notThisWorktree(worktree.path, 'git has it registered no longer');
  if (now.head !== worktree.head || now.branch !== worktree.branch) {
    throw failures.notThisWorktree(worktree.path, 'somebody committed or switched branches there meanwhile');
  }
  if (options.force || (await hub.folders.kind(worktree.path)) === 'absent') return;
  const { paths } = await hub.git.changes(worktree.path);
  if (paths.length > 0)
    throw failures.dirtyWorktree(worktree.path, paths, 'somebody is at work there; look again');
}

async function clearOccupants(hub: Hub, worktree: Worktree, kill: boolean): Promise<Warning[]> {
  const all = await hub.processes.inside(worktree.path);
  if (all === undefined)
    return [{ code: 'processes_unknown', message: 'who works inside could not be determined' }];
  const ours = await hub.processes.ancestors();
  const occupants = all.filter(({ pid }) => !ours.includes(pid));
  if (occupants.length === 0) return [];
  const named = occupants.map(({ pid, command }) => `${command} (${pid})`).join(', ');
  if (!kill) return [{ code: 'processes_inside', message: `still running inside: ${named}` }];
  const { survivors } = await hub.processes.end({
    roots: occupants.map(({ identity }) => identity),
    graceMs: 2000,
  });
  return [
    { code: 'processes_ended', message: `ended: ${named}` },
    ...survivors.map(({ pid, command }) => ({
      code: 'process_survived',
      message: `${command} (${pid}) did not end`,
    })),
  ];
}
