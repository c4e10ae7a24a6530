import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MendedHooks } from '../../application/ports/farewell.ts';
import { restamped, stampedPython } from '../../domain/provisioning/pre-commit.ts';
import type { Repository } from '../../domain/repository.ts';
import { isInside } from '../folders.ts';

/** The interpreter of a worktree's own environment that can run pre-commit. */
const interpreterOf = (worktree: string): string | undefined => {
  const python = join(worktree, '.venv', 'bin', 'python');
  try {
    accessSync(python, constants.X_OK);
    accessSync(join(worktree, '.venv', 'bin', 'pre-commit'), constants.X_OK);
    return python;
  } catch {
    return undefined;
  }
};

/** Stamps a survivor's interpreter into the hooks that pre-commit stamped with one in a worktree that is gone. */
export function mendHooks(
  { commonDir }: Pick<Repository, 'commonDir'>,
  gone: string,
  survivors: readonly string[],
): MendedHooks {
  const folder = join(commonDir, 'hooks');
  const stale = hooksIn(folder).filter(({ python }) => isInside(gone, python));
  if (stale.length === 0) return { mended: [], broken: [], python: undefined };
  const python = survivors.map(interpreterOf).find((each) => each !== undefined);
  if (python === undefined) return { mended: [], broken: stale.map(({ name }) => name), python };
  for (const { name, text } of stale) replace(join(folder, name), restamped(text, python));
  return { mended: stale.map(({ name }) => name), broken: [], python };
}

function hooksIn(folder: string) {
  try {
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      if (name.endsWith('.sample') || !lstatSync(path).isFile()) return [];
      const text = readFileSync(path, 'utf8');
      const python = stampedPython(text);
      return python === undefined ? [] : [{ name, text, python }];
    });
  } catch {
    return []; // no hooks, or none that may be read
  }
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.wt-tmp`;
  writeFileSync(temporary, text);
  chmodSync(temporary, lstatSync(path).mode & 0o777);
  renameSync(temporary, path);
}
