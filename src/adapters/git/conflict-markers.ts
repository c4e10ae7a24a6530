import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MarkerQuestion, Range } from '../../application/ports/git.ts';
import { conflictLine, type MarkedPlace, usualMarker } from '../../domain/conflict-markers.ts';
import { type Ask, decodePath, fields } from './ask.ts';
import { attributesPlace, parseBlobs } from './attributes.ts';

/** The paths that have lines like the markers of a conflict in a commit; names that are not UTF-8 are left out. */
export async function readMarked(
  ask: Ask,
  { worktree, commit, paths }: MarkerQuestion,
): Promise<readonly string[]> {
  const askable = paths.filter((path) => !/\\x[0-9A-F]{2}/.test(path));
  if (askable.length === 0) return [];
  const pattern = ['--extended-regexp', '-e', '^(<{7}|>{7}) '];
  return ask({
    args: [
      ...['--literal-pathspecs', 'grep', '--files-with-matches', '-z', '-I', '--no-color', ...pattern],
      ...[commit, '--', ...askable],
    ],
    cwd: worktree,
    answers: [0, 1],
    parse: ({ stdout }) => fields(stdout).map((name) => name.slice(commit.length + 1)),
  });
}

/**
 * Where a range brings the markers of a conflict into a file that had none: one process, and three more only where
 * there are such lines. A path keeps its bytes as characters until it is told.
 */
export async function readMarkersBrought(
  ask: Ask,
  commonDir: string,
  range: Range,
): Promise<readonly MarkedPlace[]> {
  const suspects =
    (await readSuspects(ask, range, ['--merge-base'], [0, 128])) ??
    (await readSuspects(ask, range, [], [0])) ??
    [];
  if (suspects.length === 0) return [];
  const ids = [...new Set(suspects.flatMap(({ before, after }) => [before, after]))].filter(isBlob);
  const blobs = await ask({
    args: ['cat-file', '--batch'],
    input: ids.map((id) => `${id}\n`).join(''),
    parse: ({ stdout }) => parseBlobs(stdout, ids.length),
  });
  const sizes = await readMarkerSizes(ask, commonDir, range, suspects);
  return suspects.flatMap(({ path, before, after }) => {
    const lineIn = (id: string) =>
      conflictLine(blobs[ids.indexOf(id)]?.toString('latin1') ?? '', sizes.get(path) ?? usualMarker);
    const line = lineIn(before) === undefined ? lineIn(after) : undefined;
    return line === undefined ? [] : [{ path: decodePath(Buffer.from(path, 'latin1')), line }];
  });
}

/** A changed file with such lines on either side; `before` and `after` are ids of blobs. */
type Suspect = { readonly path: string; readonly before: string; readonly after: string };

const isBlob = (id: string): boolean => !/^0+$/.test(id);

/** `undefined` where git finds no merge base to compare with, or more than one. */
const readSuspects = (ask: Ask, { since, tip }: Range, more: readonly string[], answers: readonly number[]) =>
  ask({
    args: [
      ...['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-ext-diff', '--no-textconv', '-M100%'],
      ...['-G', `^<{${usualMarker}}`, ...more, since, tip],
    ],
    answers,
    parse: ({ stdout, exitCode }) => (exitCode === 0 ? parseSuspects(stdout.toString('latin1')) : undefined),
  });

function parseSuspects(text: string): readonly Suspect[] {
  const tokens = text.split('\0').slice(0, -1);
  const suspects: Suspect[] = [];
  for (let at = 0; at < tokens.length; ) {
    const [, mode = '', before, after, letter = ''] =
      /^:\d+ (\d+) (\w+) (\w+) (\w+)$/.exec(tokens[at] ?? '') ?? [];
    const isMoved = /^[RC]/.test(letter);
    const path = tokens[at + (isMoved ? 2 : 1)];
    if (before === undefined || after === undefined || path === undefined)
      throw new Error(`no change of diff-tree: ${JSON.stringify(tokens[at])}`);
    if (mode.startsWith('100')) suspects.push({ path, before, after });
    at += isMoved ? 3 : 2;
  }
  return suspects;
}

/** What the branch's attributes say of the size of markers: a file about conflicts has larger ones of its own. */
async function readMarkerSizes(
  ask: Ask,
  commonDir: string,
  { tip }: Range,
  suspects: readonly Suspect[],
): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'wt-markers-'));
  try {
    const place = await attributesPlace(ask, commonDir, { commit: tip, checkout: undefined }, folder);
    return await ask({
      args: ['check-attr', '-z', '--stdin', 'conflict-marker-size'],
      cwd: place.cwd,
      env: place.env,
      input: Buffer.from(suspects.map(({ path }) => `${path}\0`).join(''), 'latin1'),
      parse: ({ stdout }) => {
        const found = stdout.toString('latin1').split('\0');
        const sizes = suspects.map(({ path }, at) => [path, Number(found[at * 3 + 2])] as const);
        return new Map(sizes.filter(([, size]) => Number.isSafeInteger(size) && size > 0 && size < 1000));
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
