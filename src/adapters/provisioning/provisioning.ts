import { join } from 'node:path';
import * as z from 'zod';
import type { Provisioning } from '../../application/ports/provisioning.ts';
import { Receipt } from '../../domain/worktree-facts.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { readState } from '../facts.ts';
import { copyFiles } from './copy.ts';
import { readHooks } from './hooks.ts';
import { ignoreRules } from './included.ts';
import { bindProject } from './jerry.ts';
import { runStep } from './run.ts';
import { initSubmodules, updateSubmodules } from './submodules.ts';
import { surveyTree } from './survey.ts';
import { findTools } from './tools.ts';
import { linkVenv, readTargets } from './venv.ts';

const LooseReceipts = z.object({ version: z.literal(1), receipts: z.array(Receipt) });

/** The steps of a provisioning on this machine. */
export function openProvisioning(context: HubContext): Provisioning {
  const { ask, repository, variables } = context;
  const receiptsFile = (gitDir: string) =>
    join(gitDir === repository.commonDir ? repository.stateDir : gitDir, 'wt-receipts.json');
  return {
    survey: (request) => surveyTree(context, request),
    hooks: ({ worktree, worktrees }) => {
      const linked = worktrees.filter(({ isMain }) => !isMain).map(({ path }) => path);
      return readHooks(ask, repository, worktree.path, linked);
    },
    targets: async (worktree) => readTargets(worktree, repository.main),
    copyFiles,
    initSubmodules: (worktree, paths, onChild) => initSubmodules(ask, worktree, paths, onChild),
    updateSubmodules: (worktree, paths, timeoutMs, binding) =>
      updateSubmodules(ask, worktree, paths, timeoutMs, binding),
    linkVenv: async (worktree, main) => {
      const rules = await ignoreRules(ask, worktree, [Buffer.from('.venv')]);
      linkVenv(worktree, main, rules.size > 0);
    },
    bind: async (worktree, projectId) => bindProject(worktree, projectId),
    run: (command, binding) => {
      const [file] = command.argv;
      const executable = findTools([file], variables.PATH)[file]?.path;
      return runStep(variables, executable, command, binding);
    },
    looseReceipts: async (gitDir) => readState(receiptsFile(gitDir), LooseReceipts, 1)?.receipts ?? [],
    keepLooseReceipts: async (gitDir, receipts) => {
      atomicWrite(receiptsFile(gitDir), `${JSON.stringify({ version: 1, receipts }, null, 2)}\n`);
    },
  };
}
