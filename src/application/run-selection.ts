import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { blankDispatch, type DispatchRecord, dispatchIdPattern, newestRun } from '../domain/dispatch.ts';
import { errorBody } from '../domain/error-body.ts';
import { failures } from '../domain/failure.ts';
import { nearest } from '../domain/near.ts';
import { worktreeName } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';
import { type SelectOptions, selectWorktrees } from './selection.ts';

/**
 * The runs that selectors name, each as the evidence has it now: a dispatch id, or a worktree selector, which means
 * its newest dispatch.
 */
export async function selectRuns(
  ports: Pick<Ports, 'narrator' | 'environment'>,
  hub: Hub,
  selectors: readonly string[],
  options: SelectOptions = {},
): Promise<readonly DispatchRecord[]> {
  const found: DispatchRecord[] = [];
  for (const selector of selectors) {
    found.push(
      dispatchIdPattern.test(selector)
        ? await byId(hub, selector)
        : await byWorktree(ports, hub, selector, options),
    );
  }
  const runs = new Map(found.map((record) => [record.dispatch.dispatch_id, record]));
  return Promise.all([...runs.values()].map(hub.supervisors.reconcile));
}

async function byId(hub: Hub, id: string): Promise<DispatchRecord> {
  const record = await hub.runs.read(id);
  if (record !== undefined) return record;
  const known = (await hub.runs.list()).flatMap(({ dispatch }) => dispatch.dispatch_id ?? []);
  throw failures.dispatchNotFound(id, nearest(id, known));
}

async function byWorktree(
  ports: Pick<Ports, 'narrator' | 'environment'>,
  hub: Hub,
  selector: string,
  options: SelectOptions,
): Promise<DispatchRecord> {
  const [worktree] = await selectWorktrees(ports, hub, [selector], options);
  const record = worktree === undefined ? undefined : newestRun(await hub.runs.list(), worktree);
  if (record !== undefined) return record;
  const [unreadable] = await hub.runs.unreadable(); // it may be the one
  if (unreadable !== undefined) throw unreadable.failure;
  throw failures.dispatchNotFound(worktree === undefined ? selector : worktreeName(worktree));
}

/** The runs whose records cannot be read, as elements of an answer: of what became of them nothing is known. */
export const unreadableRuns = async (hub: Hub): Promise<readonly DispatchAnswer[]> =>
  (await hub.runs.unreadable()).map(({ dispatchId, failure }) => ({
    ...blankDispatch,
    dispatch_id: dispatchId,
    error: errorBody(failure),
  }));
