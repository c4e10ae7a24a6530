import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { hookTypes, stampedPython } from '../../domain/provisioning/pre-commit.ts';
import type { HooksSurvey, InstalledHook } from '../../domain/provisioning/survey.ts';
import type { Repository } from '../../domain/repository.ts';
import { isInside, realOrResolved } from '../folders.ts';
import { type Ask, line } from '../git/ask.ts';

export const preCommitConfig = '.pre-commit-config.yaml';

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** The hooks that the tree's configuration asks for, as they are now; `undefined` when it has none. */
export async function readHooks(
  ask: Ask,
  repository: Repository,
  worktree: string,
  linked: readonly string[],
): Promise<HooksSurvey | undefined> {
  const text = read(join(worktree, preCommitConfig));
  if (text === undefined) return undefined;
  const hooksPath = await ask({
    args: ['config', '--get', 'core.hooksPath'],
    cwd: worktree,
    answers: [0, 1],
    parse: line,
  });
  const types = await installTypes(text);
  const { main } = repository;
  const at = (name: string) => main !== undefined && existsSync(join(main, name));
  return {
    hooksPath: hooksPath === '' ? undefined : hooksPath,
    hooks: types.map((type) => readHook(join(repository.commonDir, 'hooks'), type, linked)),
    main: { config: at(preCommitConfig), uvLock: at('uv.lock'), inVenv: at('.venv/bin/pre-commit') },
  };
}

function readHook(folder: string, type: string, linked: readonly string[]): InstalledHook {
  const python = stampedPython(read(join(folder, type)) ?? '');
  // The interpreter itself is a link out of its environment: where the link is counts.
  const isIn = (worktree: string) =>
    python !== undefined && isInside(realOrResolved(worktree), join(realOrResolved(join(python, '..')), 'x'));
  return {
    type,
    python,
    pythonExists: python !== undefined && isAbsolute(python) && existsSync(python),
    inLinkedWorktree: linked.some(isIn),
  };
}

/** YAML is loaded only where the configuration says something about it. */
async function installTypes(text: string): Promise<string[]> {
  if (!text.includes('default_install_hook_types')) return hookTypes(undefined);
  const { parseDocument } = await import('yaml');
  const data: unknown = parseDocument(text, { logLevel: 'silent', prettyErrors: false }).toJS();
  return hookTypes((data as Record<string, unknown> | null)?.default_install_hook_types);
}
