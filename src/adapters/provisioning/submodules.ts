import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OnChild } from '../../application/ports/git.ts';
import type { ChildBinding, StepEnd } from '../../application/ports/provisioning.ts';
import { isFailure } from '../../domain/failure.ts';
import { type Ask, decodePath, nothing } from '../git/ask.ts';
import { bytePaths } from './included.ts';
import { guardChild, markersOf, plain } from './run.ts';

/** The submodules in a tree's index, and those without a work tree. Names that are not UTF-8 are left to git. */
export async function readSubmodules(ask: Ask, worktree: string) {
  if (!existsSync(join(worktree, '.gitmodules'))) return undefined;
  const all = await ask({
    args: ['ls-files', '-z', '--stage'],
    cwd: worktree,
    parse: ({ stdout }) =>
      bytePaths(stdout)
        .filter((entry) => entry.subarray(0, 6).toString() === '160000')
        .map((entry) => decodePath(entry.subarray(entry.indexOf(9) + 1))),
  });
  return { all, missing: all.filter((path) => !existsSync(join(worktree, path, '.git'))) };
}

/** Copies the submodules' addresses into the configuration that all worktrees share. */
export const initSubmodules = (ask: Ask, worktree: string, paths: readonly string[], onChild: OnChild) =>
  ask({
    args: ['submodule', '--quiet', 'init', '--', ...paths],
    cwd: worktree,
    access: 'write',
    onChild,
    parse: nothing,
  });

/** Clones and checks out submodules; which protocols they may use is for the user's git to say. */
export async function updateSubmodules(
  ask: Ask,
  worktree: string,
  paths: readonly string[],
  timeoutMs: number,
  binding: ChildBinding,
): Promise<StepEnd> {
  const guard = guardChild(timeoutMs, binding);
  try {
    await ask({
      args: ['submodule', '--quiet', 'update', '--init', '--recursive', '--', ...paths],
      cwd: worktree,
      access: 'write',
      env: markersOf(binding),
      onChild: (child) => {
        binding.onChild(child);
        guard.watch(child);
      },
      parse: nothing,
    });
    return { how: (await guard.done()) ?? 'exited', exitCode: 0, output: '' };
  } catch (error) {
    const why = await guard.done();
    if (!isFailure(error, 'git_failed')) throw error;
    const { exit_code: exitCode, stderr } = error.details;
    return {
      how: why ?? 'exited',
      exitCode: typeof exitCode === 'number' ? exitCode : null,
      output: plain(String(stderr)),
    };
  }
}
