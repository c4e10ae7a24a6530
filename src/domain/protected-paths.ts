import { globMatcher } from './glob.ts';

/**
 * The changed paths that a branch may not change (`merge.protected`), without those that were accepted: both are globs
 * or plain paths. Sorted, each once.
 */
export function protectedChanges(
  changed: readonly string[],
  globs: readonly string[],
  accepted: readonly string[],
): string[] {
  if (globs.length === 0) return [];
  const isProtected = globMatcher(globs);
  const isAccepted = globMatcher(accepted);
  return [...new Set(changed)].filter((path) => isProtected(path) && !isAccepted(path)).sort();
}
