import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Writer } from '../../application/ports/registrations.ts';
import { isFailure } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import type { Repository } from '../../domain/repository.ts';
import type { Sha } from '../../domain/sha.ts';
import { type Ask, nothing } from './ask.ts';

const marked = (writer: Writer) => ({
  access: 'write' as const,
  onChild: writer.child,
  env: { [intentMarker(writer.id).name]: writer.id },
});

/** From this many files on, a second checkout worker is worth its start, when nothing else is checked out. */
const manyFiles = 1_500;

/** Fills a work tree that was registered without files, by the command that git's own `worktree add` runs for it. */
export const writeFiles = (
  ask: Ask,
  path: string,
  writer: Writer,
  options: { readonly alone: boolean; readonly signal: AbortSignal },
): Promise<void> =>
  ask({
    args: [
      '-c',
      `checkout.workers=${options.alone ? 2 : 1}`,
      '-c',
      `checkout.thresholdForParallelism=${manyFiles}`,
      'reset',
      '--hard',
      '--no-recurse-submodules',
      '--quiet',
    ],
    cwd: path,
    signal: options.signal,
    ...marked(writer),
    parse: nothing,
  });

/** Runs the post-checkout hook as after `git worktree add`: from no commit, a branch checkout. Gives its complaint. */
export async function runPostCheckout(
  ask: Ask,
  repository: Repository,
  { path, start }: { readonly path: string; readonly start: Sha },
  writer: Writer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { hooksDir, commonDir } = repository;
  // A hooks path of the user's own may be relative to each work tree: then only git can tell.
  if (hooksDir === join(commonDir, 'hooks') && !existsSync(join(hooksDir, 'post-checkout'))) return undefined;
  const none = '0'.repeat(start.length);
  try {
    await ask({
      args: ['hook', 'run', '--ignore-missing', 'post-checkout', '--', none, start, '1'],
      cwd: path,
      signal,
      ...marked(writer),
      parse: nothing,
    });
    return undefined;
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return lastLine(String(error.details.stderr)) ?? `exit code ${String(error.details.exit_code)}`;
  }
}

const lastLine = (text: string) =>
  text
    .split('\n')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .at(-1);

/** Up to this many files git reads again in about a millisecond, which is not worth waiting for. */
const fewFiles = 100;
/** File systems stamp with a clock that lags behind by up to a tick. */
const tickMs = 15;

/**
 * git trusts an index entry only when the index was written in a later second than the file: until then every
 * status reads the files of that second again. So the index is written once more when the second is over.
 */
export async function settleIndex(
  ask: Ask,
  path: string,
  gitDir: string,
  signal: AbortSignal,
): Promise<void> {
  const index = join(gitDir, 'index');
  try {
    if (entryCount(index) <= fewFiles) return;
    const over = (Math.floor(statSync(index).mtimeMs / 1000) + 1) * 1000 + tickMs;
    await pause(Math.min(1000 + tickMs, Math.max(0, over - Date.now())), undefined, { signal });
    await ask({
      args: ['update-index', '-q', '--refresh'],
      cwd: path,
      access: 'write',
      answers: [0, 1],
      parse: nothing,
    });
  } catch {
    // Without it statuses are slower, no more. What a Ctrl-C means is the caller's to say.
  }
}

/** The number of entries, from the header of an index of any version (gitformat-index(5)). */
function entryCount(index: string): number {
  const descriptor = openSync(index, 'r');
  try {
    const header = Buffer.alloc(12);
    return readSync(descriptor, header, 0, 12, 0) === 12 ? header.readUInt32BE(8) : 0;
  } finally {
    closeSync(descriptor);
  }
}
