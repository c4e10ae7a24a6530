import type { CreationRequest } from '../domain/creation.ts';
import { isCreationLock } from '../domain/creation-record.ts';
import { newestRun } from '../domain/dispatch.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { PromptSubject } from '../domain/prompt-file.ts';
import { refusalByRun } from '../domain/run-evidence.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { CreationInput } from './creation-options.ts';
import type { Dispatching, ReadyWorktree } from './dispatching.ts';
import type { Hub } from './ports.ts';

/** One name that `start` was given: a worktree that is there, one that is to be made, or why neither will do. */
export type StartTarget = { readonly request: CreationRequest } & (
  | { readonly kind: 'there'; readonly worktree: Worktree; readonly ready: ReadyWorktree }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly worktree: Worktree | undefined }
);

/** The worktree that a name means, when it is there whole; what is half there or elsewhere creation refuses by name. */
export function worktreeThere(
  { projectId, branch }: CreationRequest,
  worktrees: readonly Worktree[],
): Worktree | undefined {
  const found =
    worktrees.find(({ facts }) => projectId !== undefined && facts?.project_id === projectId) ??
    worktrees.find((worktree) => worktree.branch === branch);
  if (found === undefined || found.isMain || found.prunable !== undefined) return undefined;
  return found.locked !== undefined && isCreationLock(found.locked) ? undefined : found;
}

/** Looks what stands behind each name, and what speaks against a run there; nothing is done yet. */
export async function findTargets(
  hub: Hub,
  dispatching: Dispatching,
  requests: readonly CreationRequest[],
  options: { readonly resume: boolean; readonly commit: boolean },
): Promise<readonly StartTarget[]> {
  const [worktrees, runs] = await Promise.all([hub.git.worktrees(), hub.runs.list()]);
  return Promise.all(
    requests.map(async (request): Promise<StartTarget> => {
      const worktree = worktreeThere(request, worktrees);
      try {
        if (worktree === undefined) {
          if (options.resume) throw failures.noSession(request.argument);
          if (options.commit) await hub.git.requireIdentity(hub.repository.commonDir);
          return { kind: 'missing', request };
        }
        if (worktree.unreadable !== undefined) throw worktree.unreadable;
        const newest = newestRun(runs, worktree);
        const run = newest === undefined ? undefined : (await hub.supervisors.reconcile(newest)).dispatch;
        const refusal = refusalByRun('dispatch', worktreeName(worktree), run);
        if (refusal !== undefined) throw refusal();
        return { kind: 'there', request, worktree, ready: await dispatching.check(worktree) };
      } catch (failure) {
        if (!isFailure(failure)) throw failure;
        return { kind: 'refused', request, worktree, failure };
      }
    }),
  );
}

/** What was said of a worktree that is to be made, and means nothing for one that is there. */
export function idleOnes(target: StartTarget, input: CreationInput): Warning[] {
  if (target.kind !== 'there') return [];
  const idle = (['base', 'path'] as const).filter((key) => input[key] !== undefined);
  if (idle.length === 0) return [];
  const flags = idle.map((key) => `--${key}`).join(' and ');
  const message = `${worktreeName(target.worktree)} is there already, and ${flags} was not heeded`;
  return [{ code: 'option_not_heeded', message }];
}

/** For the name of its prompt file; what is to be made is known by its names. */
export const startSubject = ({ argument, projectId, branch }: CreationRequest): PromptSubject => ({
  name: argument,
  projectId,
  branch,
});
