import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Farewell } from '../../application/ports/farewell.ts';
import { failures } from '../../domain/failure.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { Ask } from '../git/ask.ts';
import { copyFiles } from '../provisioning/copy.ts';
import { bytePaths } from '../provisioning/included.ts';

type Wanted = Parameters<Farewell['archive']>[0];

/** Copies what is to be kept of a worktree beside its final place, and renames that into place once it is whole. */
export async function writeArchive(ask: Ask, wanted: Wanted): Promise<string> {
  const { worktree, folder, runs, signal } = wanted;
  const cannot = (what: string) =>
    failures.cannotSave(worktree, {
      what: `${what}, so it was not archived`,
      hint: 'wt cleanup without --archive',
    });
  let partial: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    partial = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
    for (const run of runs) {
      cpSync(run.folder, join(partial, 'runs', run.id), { recursive: true, verbatimSymlinks: true });
    }
    const files = await matching(ask, worktree, wanted.globs);
    const into = join(partial, 'files');
    mkdirSync(into);
    const end = await copyFiles(files, worktree, into, { signal, resume: false });
    if (end.interrupted) throw failures.interrupted(String(signal.reason));
    const [missed] = end.failed;
    if (missed !== undefined) throw cannot(`${missed.path} could not be copied (${missed.why})`);
    const manifest = { version: 1, ...wanted.manifest, runs: runs.map(({ id }) => id), files: end.copied };
    atomicWrite(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(partial, folder);
    return folder;
  } catch (error) {
    if (partial !== undefined) rmSync(partial, { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined || !('syscall' in (error as object)) ? error : cannot(message);
  }
}

/** Files of a worktree that match the globs, tracked, untracked and ignored. */
const matching = (ask: Ask, worktree: string, globs: readonly string[]) =>
  globs.length === 0
    ? Promise.resolve([])
    : ask({
        args: ['ls-files', '-z', '--cached', '--others', '--', ...globs.map((glob) => `:(glob)${glob}`)],
        cwd: worktree,
        parse: ({ stdout }) => [
          ...new Map(bytePaths(stdout).map((path) => [path.toString('latin1'), path])).values(),
        ],
      });
