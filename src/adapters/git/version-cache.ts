import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Repository } from '../../domain/repository.ts';
import type { Ask } from './ask.ts';
import { requireGitVersion } from './discover.ts';

/** Checks git's version once per installed git, not once per command: remembered by path, size and mtime. */
export async function checkGitVersion(
  ask: Ask,
  repository: Repository,
  path: string | undefined,
): Promise<void> {
  const file = join(repository.stateDir, 'cache', 'git-version');
  const key = gitFingerprint(path)?.key;
  try {
    if (key !== undefined && readFileSync(file, 'utf8') === key) return;
  } catch {
    // not remembered yet
  }
  await requireGitVersion(ask, repository.commonDir);
  try {
    if (key === undefined) return;
    mkdirSync(join(repository.stateDir, 'cache'), { recursive: true, mode: 0o700 });
    writeFileSync(file, key, { mode: 0o600 });
  } catch {
    // a read-only repository is asked every time
  }
}

/** The git that the PATH finds, and what changes when another is installed there. */
export function gitFingerprint(
  path: string | undefined,
): { readonly path: string; readonly key: string } | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, 'git');
    try {
      const { size, mtimeMs, ino } = statSync(candidate);
      return { path: candidate, key: `${candidate} ${size} ${mtimeMs} ${ino}\n` };
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
