import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resolution } from '../../application/ports/landing.ts';
import type { Conflict } from '../../domain/conflict.ts';
import type { ConflictedMerge } from '../../domain/merge-probe.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import { type Escalation, isWhole, type UnionCandidate } from '../../domain/resolution.ts';
import { describeConflicts } from '../../domain/rows/conflict.ts';
import { each } from '../../domain/rows/lines.ts';
import { mergeRows } from '../../domain/rows/merge.ts';
import {
  markerSize,
  type Union,
  unionOf,
  type Versions,
  whyNoUnion,
  withLineEnds,
} from '../../domain/union-merge.ts';
import { type Ask, nothing } from './ask.ts';
import { parseBlobs } from './attributes.ts';
import { idOf } from './snapshot.ts';

export type ResolutionPlace = {
  readonly commonDir: string;
  /** For the files that git reads; is made, and is gone afterwards. */
  readonly folder: string;
  /** Where objects are read and written. */
  readonly env: Readonly<Record<string, string>>;
  /** `-c` settings. */
  readonly settings: readonly string[];
};

// A log that is larger is more than a person would want to have merged unseen.
const mostBytes = 16 * 1024 * 1024;

/** Puts the lines of both sides together, or their rows; when that leaves nothing to a person, the tree of the merge is made too. */
export async function resolveUnions(
  ask: Ask,
  { merged, conflicts }: { readonly merged: ConflictedMerge; readonly conflicts: readonly Conflict[] },
  candidates: readonly UnionCandidate[],
  place: ResolutionPlace,
): Promise<Resolution> {
  await mkdir(place.folder, { recursive: true });
  try {
    const { united, refused } = await uniteEach(ask, candidates, place);
    const paths = united.map(({ candidate }) => candidate.path);
    const whole = isWhole(merged, conflicts, new Set(paths));
    return {
      tree: whole ? await writeTree(ask, merged.tree, united, place) : undefined,
      resolved: paths,
      refused,
    };
  } finally {
    await rm(place.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

type United = { readonly candidate: UnionCandidate; readonly text: string };

/** Each file with the lines of both sides, one character per byte, or why there is none; the folder is there. */
export async function uniteEach(
  ask: Ask,
  candidates: readonly UnionCandidate[],
  place: ResolutionPlace,
): Promise<{ readonly united: readonly United[]; readonly refused: readonly Escalation[] }> {
  const united: United[] = [];
  const refused: Escalation[] = [];
  const versions = await readVersions(ask, candidates, place);
  for (const [index, candidate] of candidates.entries()) {
    const found = versions[index];
    const union: Union =
      found === undefined
        ? { kind: 'no', why: 'it is larger than 16 MiB' }
        : candidate.by === 'rows'
          ? uniteRows(found)
          : await uniteLines(ask, found, place);
    if (union.kind === 'no') refused.push({ path: candidate.path, why: union.why });
    else united.push({ candidate, text: union.text });
  }
  return { united, refused };
}

/** The texts of each candidate; `undefined` where one of them is too large. */
async function readVersions(
  ask: Ask,
  candidates: readonly UnionCandidate[],
  { env }: ResolutionPlace,
): Promise<(Versions | undefined)[]> {
  const idsOf = ({ base, ours, theirs }: UnionCandidate) =>
    [base, ours, theirs].filter((id) => id !== undefined);
  const ids = [...new Set(candidates.flatMap(idsOf))];
  const sizes = await ask({
    args: ['cat-file', '--batch-check=%(objectname) %(objectsize)'],
    env,
    input: ids.map((id) => `${id}\n`).join(''),
    parse: ({ stdout }) => {
      const pairs = stdout.toString('latin1').split('\n').slice(0, -1);
      if (pairs.length !== ids.length) throw new Error(`${pairs.length} sizes of ${ids.length}`);
      return new Map(pairs.map((pair) => [pair.split(' ')[0] ?? '', Number(pair.split(' ')[1])]));
    },
  });
  const isSmall = (candidate: UnionCandidate) =>
    idsOf(candidate).every((id) => (sizes.get(id) ?? mostBytes) < mostBytes);
  const wanted = [...new Set(candidates.filter(isSmall).flatMap(idsOf))];
  if (wanted.length === 0) return candidates.map(() => undefined);
  const blobs = await ask({
    args: ['cat-file', '--batch'],
    env,
    input: wanted.map((id) => `${id}\n`).join(''),
    parse: ({ stdout }) => parseBlobs(stdout, wanted.length),
  });
  const texts = new Map(wanted.map((id, index) => [id, blobs[index]?.toString('latin1') ?? '']));
  const text = (id: string | undefined) => (id === undefined ? '' : (texts.get(id) ?? ''));
  return candidates.map((candidate) =>
    isSmall(candidate)
      ? { base: text(candidate.base), ours: text(candidate.ours), theirs: text(candidate.theirs) }
      : undefined,
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The tables of both sides merged row by row. */
function uniteRows(versions: Versions): Union {
  try {
    const merge = mergeRows(each(versions, (text) => utf8.decode(Buffer.from(text, 'latin1'))));
    if (merge.kind === 'merged')
      return { kind: 'text', text: Buffer.from(merge.text, 'utf8').toString('latin1') };
    return { kind: 'no', why: merge.kind === 'refused' ? merge.why : describeConflicts(merge.conflicts) };
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'no', why: 'it is not UTF-8' };
    throw error;
  }
}

async function uniteLines(
  ask: Ask,
  versions: Versions,
  { commonDir, folder }: ResolutionPlace,
): Promise<Union> {
  const why = whyNoUnion(versions);
  if (why !== undefined) return why;
  const whole = withLineEnds(versions);
  const size = markerSize(whole);
  if (size === undefined) return { kind: 'no', why: 'its lines look like conflict markers' };
  for (const name of ['base', 'ours', 'theirs'] as const)
    await writeFile(join(folder, name), whole[name], 'latin1');
  return ask({
    args: [
      ...['merge-file', '--diff3', '--stdout', '--quiet', `--marker-size=${size}`],
      ...['-L', 'ours', '-L', 'base', '-L', 'theirs', 'ours', 'base', 'theirs'],
    ],
    answers: Array.from({ length: 128 }, (_, conflicts) => conflicts),
    cwd: folder,
    env: { GIT_DIR: commonDir },
    parse: ({ stdout }) => unionOf(stdout.toString('latin1'), size, versions),
  });
}

/** A tree with other texts at some of its paths. */
async function writeTree(
  ask: Ask,
  tree: Sha,
  files: readonly United[],
  place: ResolutionPlace,
): Promise<Sha> {
  const { folder, env, settings } = place;
  const ids = await writeTexts(
    ask,
    files.map(({ text }) => text),
    place,
  );
  const index = { ...env, GIT_INDEX_FILE: join(folder, 'index') };
  const plain = ['-c', 'core.splitIndex=false', '-c', 'core.fsmonitor=false', ...settings];
  await ask({ args: [...plain, 'read-tree', tree], env: index, parse: nothing });
  await ask({
    args: [...plain, 'update-index', '-z', '--index-info'],
    env: index,
    input: files.map(({ candidate }, at) => `${candidate.mode} ${ids[at]} 0\t${candidate.path}\0`).join(''),
    parse: nothing,
  });
  return ask({ args: [...plain, 'write-tree'], env: index, parse: idOf });
}

/** Writes texts of one character per byte as objects, and gives their ids. */
export async function writeTexts(
  ask: Ask,
  texts: readonly string[],
  { commonDir, folder, env, settings }: ResolutionPlace,
): Promise<readonly string[]> {
  for (const [index, text] of texts.entries()) await writeFile(join(folder, `text-${index}`), text, 'latin1');
  return ask({
    args: [...settings, 'hash-object', '-w', '--no-filters', '--stdin-paths'],
    cwd: folder,
    env: { ...env, GIT_DIR: commonDir, GIT_WORK_TREE: folder },
    input: texts.map((_, index) => `text-${index}\n`).join(''),
    parse: ({ stdout }) => {
      const lines = stdout.toString('latin1').split('\n').slice(0, -1);
      if (lines.length !== texts.length || !lines.every(isSha)) throw new Error('no ids of hash-object');
      return lines;
    },
  });
}
