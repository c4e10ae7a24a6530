import { type DispatchRecord, dispatchIdPattern, newestRun } from '../domain/dispatch.ts';
import { failures } from '../domain/failure.ts';
import { nearest } from '../domain/near.ts';
import { worktreeName } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';
import { type SelectOptions, selectWorktrees } from './selection.ts';

/** The runs that selectors name: a dispatch id, or a worktree selector, which means its newest dispatch. */
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
  return [...new Map(found.map((record) => [record.dispatch.dispatch_id, record])).values()];
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
  throw failures.dispatchNotFound(worktree === undefined ? selector : worktreeName(worktree));
}
