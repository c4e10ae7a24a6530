import { type Failure, failures } from '../domain/failure.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { worktreeEnvironment } from '../domain/worktree-environment.ts';
import type { Ended, Hub, Ports } from './ports.ts';

/**
 * Runs a program in a worktree, with the worktree's environment and the user's terminal, to its end. Throws
 * `file_not_found` where the folder is gone, and `missing` where there is no such program.
 */
export async function openProgram(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  [file = '', ...args]: readonly string[],
  missing: Failure,
): Promise<Ended> {
  if ((await hub.folders.kind(worktree.path)) === 'absent')
    throw failures.worktreeGone(worktreeName(worktree), worktree.path);
  if ((await ports.terminal.which(file)) === undefined) throw missing;
  const { config } = await ports.config();
  await hub.facts.rememberUsed(worktree.path);
  const env = worktreeEnvironment(worktree, config.naming.variable);
  return ports.terminal.inherit([file, ...args], { cwd: worktree.path, env });
}
