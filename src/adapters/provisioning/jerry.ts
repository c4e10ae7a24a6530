import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bindContext, bringsJerry, contextFile, isJerryTree } from '../../domain/provisioning/jerry.ts';
import type { JerrySurvey } from '../../domain/provisioning/survey.ts';
import { atomicWrite } from '../atomic-write.ts';

const isFolder = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** What a tree says about the project it is for; `ignoreRule` is the rule that ignores its context.toml. */
export function readJerry(worktree: string, projectId: string, ignoreRule: string | undefined): JerrySurvey {
  const bringsCommand = bringsJerry(read(join(worktree, 'pyproject.toml')) ?? '');
  const projects = isFolder(join(worktree, 'projects'))
    ? readdirSync(join(worktree, 'projects'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    : undefined;
  return {
    projectId,
    bringsCommand,
    isJerryTree: isJerryTree({
      projects: projects !== undefined,
      folder: isFolder(join(worktree, '.jerry')),
      bringsCommand,
      ignoreRule,
    }),
    projectExists: projects?.includes(projectId) === true,
    projects: projects ?? [],
    context: {
      ignored: ignoreRule !== undefined,
      text: read(join(worktree, contextFile)),
      blocked: blockedAt(worktree),
    },
  };
}

/** Whether git can be asked about context.toml: it refuses paths beyond a symbolic link. */
export const isReachable = (worktree: string): boolean =>
  ['.jerry', '.jerry/local'].every((part) => {
    const stats = lstatSync(join(worktree, part), { throwIfNoEntry: false });
    return stats === undefined || stats.isDirectory();
  });

/** The part of the way to context.toml that is not what it should be: nothing is written through a link. */
function blockedAt(worktree: string): string | undefined {
  for (const [index, part] of ['.jerry', '.jerry/local', contextFile].entries()) {
    const stats = lstatSync(join(worktree, part), { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!(index < 2 ? stats.isDirectory() : stats.isFile()))
      return `${part} is ${stats.isSymbolicLink() ? 'a symbolic link' : 'something else'}`;
  }
  return undefined;
}

/** Writes the project into context.toml, reading it again: the copied files may have brought one. */
export function bindProject(worktree: string, projectId: string): void {
  const path = join(worktree, contextFile);
  if (blockedAt(worktree) !== undefined) return;
  const before = read(path);
  const after = bindContext(before, projectId);
  if (after === undefined || after === before) return;
  mkdirSync(dirname(path), { recursive: true });
  atomicWrite(path, after, { mode: 0o644 });
}
