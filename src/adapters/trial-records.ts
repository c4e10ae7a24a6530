import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TrialRecords } from '../application/ports/trials.ts';
import type { PathConflict } from '../domain/answers/conflicts.ts';
import type { ConflictKind } from '../domain/conflict.ts';

const version = 1;
/** Those of the circumstances used last are kept: a landing changes them for every pair. */
const mostCircumstances = 4;
const mostResults = 20_000;
const mostCharacters = 8_000_000;
const dayMs = 24 * 60 * 60 * 1000;

/** Results under the same circumstances. Sides by number, since each is in many results. */
type Sheet = {
  readonly numbers: Map<string, number>;
  readonly results: Map<number, readonly PathConflict[]>;
};

type Written = {
  readonly circumstances: string;
  readonly sides: readonly string[];
  /** Pairs of sides, one after the other. */
  readonly clean: readonly number[];
  readonly found: readonly (readonly [
    ours: number,
    theirs: number,
    conflicts: readonly (readonly [path: string, kind: ConflictKind])[],
  ])[];
};

const width = 65_536;
const clean: readonly PathConflict[] = [];

export type RecordBook = {
  readonly sheet: (circumstances: string, isGitAlone: boolean) => TrialRecords;
  readonly save: () => void;
};

/** Opens the file of results. It is replaced whole, and one that is damaged counts as empty. */
export function openRecordBook(file: string): RecordBook {
  let sheets: Map<string, Sheet> | undefined;
  /** The sides that were asked for in this process. */
  const current = new Set<string>();
  let isNew = false;
  return {
    sheet: (circumstances, isGitAlone) => {
      sheets ??= read(file);
      const sheet = sheets.get(circumstances) ?? { numbers: new Map(), results: new Map() };
      sheets.delete(circumstances);
      sheets.set(circumstances, sheet); // the last one used is the last
      const number = (side: string) => {
        let known = sheet.numbers.get(side);
        if (known === undefined) {
          known = sheet.numbers.size;
          sheet.numbers.set(side, known);
        }
        return known;
      };
      return {
        isGitAlone,
        find: (ours, theirs) => {
          current.add(ours).add(theirs);
          const [a, b] = [sheet.numbers.get(ours), sheet.numbers.get(theirs)];
          return a === undefined || b === undefined ? undefined : sheet.results.get(a * width + b);
        },
        note: (ours, theirs, conflicts) => {
          sheet.results.set(number(ours) * width + number(theirs), conflicts);
          isNew = true;
        },
      };
    },
    save: () => {
      if (!isNew || sheets === undefined) return;
      isNew = false;
      const kept = [...sheets].slice(-mostCircumstances).map((entry) => written(entry, current));
      const text = JSON.stringify([version, ...kept]);
      write(file, text.length <= mostCharacters ? text : JSON.stringify([version, ...kept.slice(-1)]));
    },
  };
}

function written(
  [circumstances, { numbers, results }]: [string, Sheet],
  current: ReadonlySet<string>,
): Written {
  const sides = [...numbers.keys()];
  const entries = [...results].map(([pair, conflicts]) => ({
    pair: [Math.floor(pair / width), pair % width] as const,
    conflicts,
  }));
  const isCurrent = (side: number) => current.has(sides[side] ?? '');
  const some =
    entries.length <= mostResults && sides.length <= mostResults
      ? entries
      : entries.filter(({ pair }) => pair.every(isCurrent)).slice(0, mostResults);
  // Sides that are in no result any more give their numbers away.
  const used = [...new Set(some.flatMap(({ pair }) => pair))];
  const renumbered = new Map(used.map((side, index) => [side, index]));
  const numbered = some.map(({ pair: [a, b], conflicts }) => ({
    ours: renumbered.get(a) ?? 0,
    theirs: renumbered.get(b) ?? 0,
    conflicts,
  }));
  return {
    circumstances,
    sides: used.map((side) => sides[side] ?? ''),
    clean: numbered.flatMap(({ ours, theirs, conflicts }) => (conflicts.length === 0 ? [ours, theirs] : [])),
    found: numbered.flatMap(({ ours, theirs, conflicts }) =>
      conflicts.length === 0
        ? []
        : [[ours, theirs, conflicts.map(({ path, kind }) => [path, kind] as const)] as const],
    ),
  };
}

function read(file: string): Map<string, Sheet> {
  try {
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const json = text.slice(end + 1);
    if (text.slice(0, end) !== checksum(json)) return new Map();
    const [found, ...sheets] = JSON.parse(json) as [number, ...Written[]];
    return found === version
      ? new Map(sheets.map((sheet) => [sheet.circumstances, sheetOf(sheet)]))
      : new Map();
  } catch {
    return new Map(); // none yet
  }
}

function sheetOf({ sides, clean: pairs, found }: Written): Sheet {
  const results = new Map<number, readonly PathConflict[]>();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    results.set((pairs[at] ?? 0) * width + (pairs[at + 1] ?? 0), clean);
  }
  for (const [ours, theirs, conflicts] of found) {
    results.set(
      ours * width + theirs,
      conflicts.map(([path, kind]) => ({ path, kind })),
    );
  }
  return { numbers: new Map(sides.map((side, index) => [side, index])), results };
}

function write(file: string, json: string): void {
  if (json.length > mostCharacters) return;
  const folder = dirname(file);
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    sweep(folder);
    try {
      writeFileSync(temporary, `${checksum(json)}\n${json}`, { mode: 0o600 });
      renameSync(temporary, file);
    } catch {
      rmSync(temporary, { force: true }); // the disk is full
    }
  } catch {
    // a read-only repository remembers nothing
  }
}

/** What a process that was killed while it wrote left behind. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/^conflicts\.json\.\d+$/.test(name)) continue;
    const old = join(folder, name);
    const { mtimeMs } = statSync(old, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > dayMs) rmSync(old, { force: true });
  }
}

/** FNV-1a with the length: what tells a whole file from a damaged one. Node's crypto would take longer to load. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${text.length} ${(hash >>> 0).toString(16)}`;
}
