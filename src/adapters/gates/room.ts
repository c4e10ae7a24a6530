import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Room, RoomPlace } from '../../application/ports/gates.ts';
import type { Writer } from '../../application/ports/registrations.ts';
import { failures } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import type { Sha } from '../../domain/sha.ts';
import type { HubContext } from '../context.ts';
import { fields, nothing } from '../git/ask.ts';
import { listed } from '../git/object-place.ts';
import { claimFolder } from './places.ts';

/** What installers make and their receipts judge: these stay when the room moves on. */
const installed = ['node_modules', '.venv', '.pnp.*', '.yarn'];

/** What of the room's git folder stays: the rest is written anew each time, whatever a gate did to it. */
const lasting = new Set(['objects', 'modules', 'lfs', 'wt-receipts.json']);

const manyAtOnce = ['-c', 'checkout.workers=2', '-c', 'checkout.thresholdForParallelism=1500'];

/** Makes a room. `like` is an object id of the repository, for its format. */
export async function openRoom(
  { ask, repository, signal }: Pick<HubContext, 'ask' | 'repository' | 'signal'>,
  { apart, like }: { readonly apart: boolean; readonly like: Sha },
): Promise<Room> {
  const { commonDir, name } = repository;
  const { folder, release } = claimFolder(repository, { apart });
  // The last part of the path is what it is in a clone: some tools name things by it.
  const path = join(folder, name);
  const gitDir = join(path, '.git');
  const format = like.length === 64 ? 'sha256' : 'sha1';
  try {
    await ask({
      args: ['init', '--quiet', '--template=', `--object-format=${format}`, path],
      cwd: folder,
      access: 'write',
      env: { GIT_DEFAULT_REF_FORMAT: 'files' },
      parse: nothing,
    });
  } catch (error) {
    await release();
    throw error;
  }
  const made = lstatSync(gitDir);
  const ownConfig = readFileSync(join(gitDir, 'config'), 'utf8');
  const git = (args: readonly string[], writer: Writer) =>
    ask({
      args,
      cwd: path,
      access: 'write',
      signal,
      onChild: writer.child,
      env: { [intentMarker(writer.id).name]: writer.id },
      parse: nothing,
    });

  const isFolder = (place: string) => lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  // A gate that puts links here must not lead what is written and removed below into another repository.
  const isWhole = () => {
    const now = lstatSync(gitDir, { throwIfNoEntry: false });
    const isSame = now?.isDirectory() === true && now.ino === made.ino && now.dev === made.dev;
    return isSame && isFolder(join(gitDir, 'objects'));
  };
  /** Writes everything that decides what git sees here, but the index. */
  const arrange = ({ commit, objects }: RoomPlace, refs: string) => {
    if (!isWhole()) throw failures.commandFailed(path, 'is not the repository that wt had made there');
    rmSync(join(gitDir, 'objects', 'info'), { recursive: true, force: true });
    for (const entry of readdirSync(gitDir))
      if (!lasting.has(entry) && entry !== 'index') rmSync(join(gitDir, entry), { recursive: true });
    mkdirSync(join(gitDir, 'refs', 'heads'), { recursive: true });
    mkdirSync(join(gitDir, 'info'));
    mkdirSync(join(gitDir, 'objects', 'info'));
    const alternates = [...objects, join(commonDir, 'objects')].map(listed).join('\n');
    writeFileSync(join(gitDir, 'objects', 'info', 'alternates'), `${alternates}\n`);
    for (const file of ['info/exclude', 'info/attributes', 'shallow'])
      if (existsSync(join(commonDir, file))) copyFileSync(join(commonDir, file), join(gitDir, file));
    writeFileSync(join(gitDir, 'config'), configOf(commonDir, ownConfig));
    writeFileSync(join(gitDir, 'packed-refs'), refs);
    writeFileSync(join(gitDir, 'HEAD'), `${commit}\n`);
  };
  const reset = (writer: Writer) =>
    git([...manyAtOnce, 'reset', '--hard', '--no-recurse-submodules', '--quiet'], writer);

  let shown: { readonly place: RoomPlace; readonly refs: string } | undefined;
  return {
    path,
    gitDir,
    isWhole,
    close: release,
    moveTo: async (place, writer) => {
      const refs = await readRefs(ask, place);
      const modules = existsSync(join(gitDir, 'modules'));
      arrange(place, refs);
      // Their clones stay; provisioning checks out what the new commit asks for.
      if (modules && shown !== undefined)
        await git(['submodule', '--quiet', 'deinit', '--force', '--all'], writer);
      await reset(writer);
      const kept = installed.flatMap((pattern) => ['-e', pattern]);
      if (shown !== undefined) await git(['clean', '-ffdxq', ...kept], writer);
      shown = { place, refs };
    },
    tidy: async (writer) => {
      if (shown === undefined) return;
      arrange(shown.place, shown.refs);
      await reset(writer);
      await git(['clean', '-ffdq'], writer);
    },
    changed: async () =>
      shown === undefined
        ? []
        : ask({
            args: [
              'diff',
              '--name-only',
              '-z',
              '--no-ext-diff',
              '--no-renames',
              '--ignore-submodules=dirty',
              shown.place.commit,
              '--',
            ],
            cwd: path,
            parse: ({ stdout }) => fields(stdout),
          }),
  };
}

/** The refs of the repository as a packed-refs file, the target where it is before the landing. */
function readRefs(ask: HubContext['ask'], { target, before }: RoomPlace): Promise<string> {
  return ask({
    args: [
      'for-each-ref',
      '--format=%(objectname) %(refname)',
      'refs/heads',
      'refs/tags',
      'refs/remotes',
      'refs/replace',
    ],
    parse: ({ stdout }) => {
      const name = Buffer.from(` refs/heads/${target}`).toString('latin1');
      return stdout
        .toString('latin1')
        .split('\n')
        .map((line) => (before !== undefined && line.endsWith(name) ? `${before}${name}` : line))
        .join('\n');
    },
  });
}

/**
 * The room's settings: its own format, then what the repository sets (filters, remotes, aliases), then what keeps the
 * two apart. git reads the format from this file only, never from an included one.
 */
const configOf = (commonDir: string, own: string): string => `${own}
[lfs]
	storage = ${quoted(join(commonDir, 'lfs'))}
[include]
	path = ${quoted(join(commonDir, 'config'))}
[core]
	bare = false
	hooksPath = /dev/null
	fsmonitor = false
	sparseCheckout = false
	splitIndex = false
[gc]
	auto = 0
[maintenance]
	auto = false
`;

/** A value of git-config(1). */
const quoted = (value: string) =>
  `"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
