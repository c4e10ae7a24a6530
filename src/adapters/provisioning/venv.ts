import {
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TargetState, Targets } from '../../domain/provisioning/survey.ts';

const real = (path: string) => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** What is at the places that installers fill. */
export function readTargets(worktree: string, main: string | undefined): Targets {
  const state = (name: string): TargetState => {
    const path = join(worktree, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return 'absent';
    // What a link leads to is somebody else's: an install through it would change it there.
    if (stats.isSymbolicLink()) return real(path) === undefined ? 'absent' : 'shared';
    if (name !== '.venv' || main === undefined || main === worktree) return 'own';
    const config = real(join(path, 'pyvenv.cfg'));
    return config !== undefined && config === real(join(main, '.venv', 'pyvenv.cfg')) ? 'shared' : 'own';
  };
  return { '.venv': state('.venv'), node_modules: state('node_modules'), '.pnp.cjs': state('.pnp.cjs') };
}

/**
 * Makes `.venv` the main worktree's: one link where git ignores a link of that name. The common rule `.venv/`
 * matches folders only, so elsewhere it is a folder of links that ignores itself.
 */
export function linkVenv(worktree: string, main: string, linkIgnored: boolean): void {
  const [link, source] = [join(worktree, '.venv'), join(main, '.venv')];
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(link); // it led nowhere
  if (linkIgnored) {
    symlinkSync(source, link);
    return;
  }
  mkdirSync(link);
  writeFileSync(join(link, '.gitignore'), '*\n');
  for (const name of readdirSync(source))
    if (name !== '.gitignore') symlinkSync(join(source, name), join(link, name));
}
