/** Who locked a worktree for as long as it runs, as the reason of the lock says. */
export type LockOwner = {
  readonly tool: 'claude' | 'wt';
  /** The agent or the dispatch. */
  readonly id: string;
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`, elsewhere `ps -o lstart=`; claude 2.1.197 leaves it out where it cannot tell. */
  readonly startTime: string | undefined;
};

/** Reads `claude agent <id> (pid N start T)` and `wt dispatch <id> (pid N start T)`; `undefined` for any other reason. */
export function lockOwner(reason: string): LockOwner | undefined {
  const [, tool, id = '', pid = '', start] =
    /^(claude agent|wt dispatch) (.+) \(pid (\d{1,10})(?: start (.+))?\)$/.exec(reason) ?? [];
  if (tool === undefined) return undefined;
  return { tool: tool === 'wt dispatch' ? 'wt' : 'claude', id, pid: Number(pid), startTime: start };
}
