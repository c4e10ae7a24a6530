import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scratch } from '../../application/ports/landing.ts';
import type { Sha } from '../../domain/sha.ts';
import type { HubContext } from '../context.ts';
import { unwritable } from '../unwritable.ts';
import { attributesPlace } from './attributes.ts';
import { commitTree } from './commit.ts';
import { mergeTrees } from './merge-trees.ts';
import { moveObjects } from './object-folder.ts';
import { writingObjectsTo } from './object-place.ts';
import { overwritten } from './overwritten.ts';
import { readRangeCommits } from './range-commits.ts';
import { replay } from './replay.ts';

/** The objects of one probe, and the commit that was made of them. */
type Layer = { readonly folder: string; commit: Sha | undefined };

/**
 * A place for objects that are not in the repository, one layer on the other: what a probe that found conflicts
 * wrote is dropped unless they are resolved before the next, the rest when it closes, except for what was kept.
 */
export function openScratch(
  { ask, repository }: Pick<HubContext, 'ask' | 'repository'>,
  { keepable }: { readonly keepable: boolean },
): Scratch {
  const { commonDir } = repository;
  // What may be kept is on the device of the repository; a dry run may not be able to write there.
  const folder = keepable
    ? cacheFolder(repository.stateDir, 'landing-')
    : mkdtempSync(join(tmpdir(), 'wt-probe-'));
  const settings = keepable ? [] : ['-c', 'core.looseCompression=0'];
  let layers: Layer[] = [];
  let count = 0;
  /** The merge with conflicts that may be resolved yet. */
  let conflicted: { readonly tree: Sha | undefined; readonly layer: Layer } | undefined;

  const open = (): Layer => {
    const layer = { folder: join(folder, `objects-${++count}`), commit: undefined };
    mkdirSync(layer.folder); // without it git finds no repository
    layers = [layer, ...layers];
    return layer;
  };
  const env = (): Record<string, string> => {
    const [newest, ...older] = (layers.length === 0 ? [open()] : layers).map((layer) => layer.folder);
    return writingObjectsTo(commonDir, [newest ?? '', ...older]);
  };

  const drop = async (layer: Layer | undefined): Promise<void> => {
    if (layer === undefined) return;
    layers = layers.filter((other) => other !== layer);
    await rm(layer.folder, { recursive: true, force: true, maxRetries: 3 });
  };

  return {
    range: (range) => readRangeCommits(ask, range, env()),
    replay: async (head, onto, attributes) => {
      const layer = open();
      const place = await attributesPlace(
        ask,
        commonDir,
        attributes,
        join(folder, `attributes-${count}`),
        env(),
      );
      const objects = env();
      const replayed = await replay(ask, head, onto, {
        merges: { cwd: place.cwd, env: { ...place.env, ...objects }, settings },
        objects,
        commonDir,
        checkout: attributes.checkout,
        anonymous: !keepable,
      });
      if (replayed.kind === 'replayed') layer.commit = replayed.tip.commit;
      return replayed;
    },
    probe: async (pair, attributes) => {
      if (conflicted !== undefined) await drop(conflicted.layer);
      conflicted = undefined;
      const layer = open();
      const snapshot = join(folder, `attributes-${count}`);
      const place = await attributesPlace(ask, commonDir, attributes, snapshot, env());
      const [probe] = await mergeTrees(ask, [pair], {
        cwd: place.cwd,
        env: { ...place.env, ...env() },
        settings,
      });
      if (probe?.kind === 'conflicts') conflicted = { tree: probe.merged?.tree, layer };
      else if (probe?.kind !== 'clean') await drop(layer);
      return probe ?? { kind: 'unknown', why: 'git merge-tree gave no answer' };
    },
    resolve: async ({ merged, conflicts }, candidates) => {
      if (merged === undefined || merged.tree !== conflicted?.tree)
        throw new TypeError('the merge is not in the scratch any more');
      const held = conflicted;
      conflicted = undefined; // its objects are read and written now
      const place = { commonDir, folder: join(folder, `resolution-${count}`), env: env(), settings };
      const { resolveUnions } = await import('./resolution.ts');
      const resolution = await resolveUnions(ask, { merged, conflicts }, candidates, place);
      if (resolution.tree === undefined) conflicted = held;
      return resolution;
    },
    pathHistory: async (question) => {
      const { readPathHistory } = await import('./path-history.ts');
      return readPathHistory(ask, question, env());
    },
    ancestry: (tip, candidate) =>
      ask({
        args: ['rev-list', '--left-right', '--count', `${tip}...${candidate}`],
        env: env(),
        parse: ({ stdout }) => {
          const [, behind, ahead] = /^(\d+)\t(\d+)\n$/.exec(stdout.toString('latin1')) ?? [];
          if (behind === undefined || ahead === undefined) throw new Error('no counts of rev-list');
          return { ahead: Number(ahead), behind: Number(behind) };
        },
      }),
    commit: async (commit) => {
      const cwd = commit.checkout?.path ?? commonDir;
      const made = await commitTree(ask, commit, { cwd, env: env(), anonymous: !keepable });
      for (const layer of layers) if (layer !== conflicted?.layer) layer.commit ??= made;
      return made;
    },
    keep: async (commit) => {
      const at = layers.findIndex((layer) => layer.commit === commit);
      if (at === -1) return; // it is in the repository already
      // The oldest first, so that what refers to something comes after it.
      for (const layer of layers.slice(at).reverse()) {
        try {
          await moveObjects(layer.folder, commonDir);
        } catch (error) {
          throw unwritable(join(commonDir, 'objects'), error);
        }
      }
      layers = layers.slice(0, at);
    },
    objects: () => layers.map((layer) => layer.folder),
    overwritten: (landing) => overwritten(ask, landing, env()),
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/** A new folder in the control plane; what a command that was killed left there goes after a day. */
export function cacheFolder(stateDir: string, prefix: string): string {
  const parent = join(stateDir, 'cache');
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent)) {
      if (!name.startsWith(prefix)) continue;
      const old = join(parent, name);
      const { mtimeMs } = statSync(old, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > dayMs) rmSync(old, { recursive: true, force: true });
    }
    return mkdtempSync(join(parent, prefix));
  } catch (error) {
    throw unwritable(parent, error);
  }
}
