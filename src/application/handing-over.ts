import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { isFailure } from '../domain/failure.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { RunInput } from './dispatch-options.ts';
import { notDispatched, openDispatching, type ReadyWorktree } from './dispatching.ts';
import { type LiveLines, openLiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';
import { openRunner } from './running.ts';

/**
 * Hands a prompt to the session that owns a worktree, and waits for the end of that run: the worktree's last session,
 * a new one where there was none. What keeps it from beginning is in the answer. Ctrl-C ends the run, a closed
 * terminal leaves it to its supervisor.
 */
export async function dispatchAndWait(
  ports: Ports,
  hub: Hub,
  { path }: Pick<Worktree, 'path'>,
  prompt: string,
  { live = openLiveLines(ports.narrator) }: { readonly live?: LiveLines } = {},
): Promise<DispatchAnswer> {
  // As it is now: the landing may have read it before its head moved.
  const worktree = (await hub.git.worktrees()).find((each) => each.path === path);
  if (worktree === undefined) throw new TypeError(`${path} is no worktree`);
  try {
    const { dispatching, ready } = await prepare(ports, hub, worktree);
    const runner = openRunner(ports, hub, dispatching, {
      names: [worktreeName(worktree)],
      atOnce: 1,
      async: false,
      tellsEnds: true,
      live,
    });
    return (await runner.run(ready, prompt)).dispatch;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return notDispatched(worktree, failure);
  }
}

/** Ready to continue the last session; a worktree in which none has begun begins one. */
async function prepare(ports: Ports, hub: Hub, worktree: Worktree) {
  const open = async (resume: boolean) => {
    const dispatching = await openDispatching(ports, hub, RunInput.parse({ resume, rest: [] }));
    const ready: ReadyWorktree = await dispatching.check(worktree);
    return { dispatching, ready };
  };
  try {
    return await open(true);
  } catch (failure) {
    if (!isFailure(failure, 'dispatch_not_found')) throw failure;
    return open(false);
  }
}
