import type { ListAnswer, StatusAnswer } from '../domain/answers/status.ts';
import { isDirty } from '../domain/changes.ts';
import type { ConflictPolicy } from '../domain/conflict-policy.ts';
import type { DispatchRecord } from '../domain/dispatch.ts';
import { exactSelector } from '../domain/exact-selector.ts';
import { needOf } from '../domain/needs.ts';
import { runLockOwner } from '../domain/run-lock.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type Known, worktreeState } from '../domain/worktree-state.ts';
import type { Observed } from './overview.ts';

/**
 * A row of `status`; `worktrees` are all there are, so that the command to type names one of them exactly, and the
 * policy says which conflicts need nobody.
 */
export function statusRow(
  observed: Observed,
  worktrees: readonly Worktree[],
  policy?: ConflictPolicy,
): StatusAnswer {
  const { worktree, base, judged, changes, traces } = observed;
  const { facts, head } = worktree;
  const run = readable(observed.run);
  const record = worktree.unreadable === undefined;
  const divergence = judged?.divergence;
  const isRelated = (divergence?.mergeBases.length ?? 0) > 0;
  const conflicts = conflictsOf(observed);
  const dirty = changes === undefined ? undefined : isDirty(changes);
  const integration = judged?.integration;
  const elsewhere = observed.upstream?.integration;
  const isInUpstream = elsewhere?.kind === 'yes';
  const state = worktreeState({
    operation: observed.operation,
    run: observed.run === 'unknown' ? 'unknown' : run?.dispatch,
    isIntegrated: integration?.kind === 'unknown' || !record ? 'unknown' : integration?.kind === 'yes',
    isEmpty: observed.isEmpty ?? true,
    isDirty: dirty ?? 'unknown',
  });
  const need = needOf(
    {
      state,
      run:
        run === undefined
          ? undefined
          : {
              status: run.dispatch.status,
              reason: run.dispatch.reason,
              mayBeEmpty: run.request.allow_empty,
              isResumable: run.session_started,
            },
      conflicted: changes?.conflicted,
      isDirty: dirty,
      // What is in the upstream of the base is not to be landed a second time.
      // Nor does a person have to look at what is resolved on the way.
      hasConflicts: conflicts?.some((each) => policy?.(each).kind !== 'union') && !isInUpstream,
      ahead: isInUpstream ? 0 : divergence?.ahead,
      behind: isRelated ? divergence?.behind : undefined,
      base: base?.branch,
      isProvisioned: facts?.provisioned ?? (facts === undefined ? undefined : false),
    },
    exactSelector(worktree, worktrees),
  );
  // Of a run elsewhere nothing is known that anybody could act upon here.
  const isIdle = worktree.isMain || worktree.prunable !== undefined || observed.elsewhere !== undefined;
  return {
    path: worktree.path,
    branch: worktree.branch ?? null,
    project_id: facts?.project_id ?? null,
    head: head ?? null,
    is_main: worktree.isMain,
    detached: worktree.detached,
    locked: lockOf(worktree, run),
    prunable: worktree.prunable ?? null,
    base: base?.branch ?? facts?.base ?? null,
    base_sha: facts?.base_sha ?? only(divergence?.mergeBases) ?? null,
    base_source: facts === undefined ? (base?.source ?? null) : 'recorded',
    ahead: divergence?.ahead ?? null,
    behind: divergence?.behind ?? null,
    state: state ?? null,
    provisioned: facts === undefined ? null : (facts.provisioned ?? false),
    dispatch_status: dispatchStatus(observed.run),
    dispatch_id: (observed.elsewhere ?? run)?.dispatch.dispatch_id ?? null,
    pid: run?.dispatch.status === 'running' ? run.dispatch.pid : null,
    uncommitted_changes: dirty ?? null,
    changes:
      changes === undefined
        ? null
        : {
            staged: changes.staged,
            unstaged: changes.unstaged,
            untracked: changes.untracked,
            conflicted: changes.conflicted,
          },
    merge_conflicts: conflicts === undefined ? null : conflicts.length > 0,
    conflicts: conflicts === undefined ? null : [...conflicts],
    integrated: integration?.kind === 'yes' ? integration.why : null,
    integrated_upstream: isInUpstream ? elsewhere.why : null,
    empty: observed.isEmpty === 'unknown' ? null : (observed.isEmpty ?? null),
    needs: isIdle ? null : (need ?? null),
    sessions: observed.sessions === undefined ? null : [...observed.sessions],
    claim: null,
    created_at: facts?.created_at ?? time(worktree.isMain ? undefined : traces.madeAt),
    last_commit_at: time(observed.committedAt),
    last_activity_at: time(newest(observed.committedAt, traces.touchedAt, activityOf(run))),
    warnings: [...observed.warnings],
    error: null,
  };
}

/** The lock of a worktree; that of a run which has ended was read before it was taken off. */
const lockOf = ({ locked }: Worktree, run: DispatchRecord | undefined): string | null => {
  const isOver = run?.phase === 'ended' && runLockOwner(locked)?.id === run.dispatch.dispatch_id;
  return isOver ? null : (locked ?? null);
};

/** A row of `list`. */
export function listRow(row: StatusAnswer): ListAnswer {
  const {
    changes: _,
    conflicts: __,
    integrated: ___,
    needs: ____,
    sessions: _____,
    integrated_upstream: ______,
    ...listed
  } = row;
  return listed;
}

const readable = (run: Observed['run']): DispatchRecord | undefined => (run === 'unknown' ? undefined : run);

const only = <T>(some: readonly T[] | undefined): T | undefined => (some?.length === 1 ? some[0] : undefined);

const time = (date: Date | undefined): string | null => date?.toISOString() ?? null;

const newest = (...dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);

const activityOf = (run: DispatchRecord | undefined): Date | undefined => {
  const at = run?.dispatch.finished_at ?? run?.dispatch.started_at ?? undefined;
  return at === undefined ? undefined : new Date(at);
};

function dispatchStatus(run: Known<DispatchRecord | undefined>): StatusAnswer['dispatch_status'] {
  if (run === 'unknown') return null;
  if (run === undefined) return 'idle';
  return run.dispatch.status ?? 'failed';
}

/** What would conflict with the base; `undefined` where that is unknown, or where there is nothing to land on. */
function conflictsOf({ judged }: Observed) {
  if (judged?.divergence === undefined) return undefined;
  const { divergence, probe } = judged;
  if (divergence.mergeBases.length === 0) return undefined;
  if (probe === undefined) return [];
  if (probe.kind === 'conflicts') return probe.conflicts;
  return probe.kind === 'clean' ? [] : undefined;
}
