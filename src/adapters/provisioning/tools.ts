import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Tool } from '../../domain/provisioning/survey.ts';

/** A short name for content: two contents of one name are the same. */
export const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

/**
 * The tools on the PATH. Relative entries of the PATH do not count: they would let a file of the repository pass
 * for a tool.
 */
export function findTools<Name extends string>(
  names: readonly Name[],
  path: string | undefined,
): Partial<Record<Name, Tool>> {
  const folders = (path ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const found: Partial<Record<Name, Tool>> = {};
  for (const name of names) {
    for (const folder of folders) {
      const tool = toolAt(join(folder, name));
      if (tool === undefined) continue;
      found[name] = tool;
      break;
    }
  }
  return found;
}

function toolAt(path: string): Tool | undefined {
  try {
    const real = realpathSync(path);
    const stats = statSync(real);
    if (!stats.isFile() || (stats.mode & 0o111) === 0) return undefined;
    return { path, stamp: hashOf(`${real}\0${stats.size}\0${stats.mtimeMs}`) };
  } catch {
    return undefined;
  }
}
