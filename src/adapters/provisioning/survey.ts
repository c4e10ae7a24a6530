import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SurveyRequest } from '../../application/ports/provisioning.ts';
import { contextFile } from '../../domain/provisioning/jerry.ts';
import { hashedFiles, type TreeSurvey } from '../../domain/provisioning/survey.ts';
import type { HubContext } from '../context.ts';
import { readHooks } from './hooks.ts';
import { findIncluded, ignoreRules } from './included.ts';
import { isReachable, readJerry } from './jerry.ts';
import { readSubmodules } from './submodules.ts';
import { findTools, hashOf } from './tools.ts';
import { readTargets } from './venv.ts';

/** Everything that a provisioning decides by: small files at the top of the tree, and at most five questions to git. */
export async function surveyTree(
  { ask, repository, variables }: HubContext,
  { worktree, worktrees, includeFile, projectId, compare, resume }: SurveyRequest,
): Promise<TreeSurvey> {
  const { path: top, isMain } = worktree;
  const { main } = repository;
  const { hashes, packageManager } = readTop(top);
  const targets = readTargets(top, main);
  const linked = worktrees.filter((one) => !one.isMain).map(({ path }) => path);
  const probes = [
    ...(['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'].some(
      (lock) => hashes[lock],
    )
      ? ['node_modules/']
      : []),
    ...(projectId !== undefined && isReachable(top) ? [contextFile] : []),
  ];
  const submodules = await readSubmodules(ask, top);
  const [files, hooks, rules] = await Promise.all([
    isMain
      ? undefined
      : findIncluded(ask, {
          main,
          worktree: top,
          includeFile,
          others: linked,
          submodules: submodules?.all ?? [],
          compare,
          resume,
        }),
    readHooks(ask, repository, top, linked),
    ignoreRules(
      ask,
      top,
      probes.map((probe) => Buffer.from(probe)),
    ),
  ]);
  return {
    isMain,
    main,
    hashes,
    packageManager,
    tools: findTools(['uv', 'npm', 'pnpm', 'yarn', 'pre-commit', 'jerry'], variables.PATH),
    targets,
    mainVenv: main !== undefined && existsSync(join(main, '.venv')),
    nodeModulesIgnored: rules.has('node_modules/'),
    files,
    submodules,
    hooks,
    jerry: projectId === undefined ? undefined : readJerry(top, projectId, rules.get(contextFile)?.pattern),
  };
}

function readTop(top: string): Pick<TreeSurvey, 'hashes' | 'packageManager'> {
  const hashes: Record<string, string> = {};
  let packageManager: string | undefined;
  for (const name of hashedFiles) {
    let content: Buffer;
    try {
      content = readFileSync(join(top, name));
    } catch {
      continue; // not there, or a folder
    }
    hashes[name] = hashOf(content);
    if (name === 'package.json') packageManager = managerIn(content.toString('utf8'));
  }
  return { hashes, packageManager };
}

function managerIn(text: string): string | undefined {
  try {
    const { packageManager } = JSON.parse(text) as { packageManager?: unknown };
    return typeof packageManager === 'string' ? packageManager : undefined;
  } catch {
    return undefined; // the package manager will say so
  }
}
