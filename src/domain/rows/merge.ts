import type { RowConflict, RowMerge } from './conflict.ts';
import { type Document, parseDocument, sectionOf, type Table, tableLines } from './document.ts';
import { each, joinLines, splitLines, type Three } from './lines.ts';
import { pairTables, type TableVersions } from './pairing.ts';
import { mergeTables } from './table-merge.ts';
import { type Chunk, threeWay } from './three-way.ts';

/**
 * Merges Markdown texts three-way: tables by their rows (heading, header row, full first cell), then cell by cell;
 * all else by lines. Gives a text only when nothing in it is a guess, else all that a person has to decide.
 */
export function mergeRows(texts: Three<string>): RowMerge {
  const { base, ours, theirs } = texts;
  if (ours === theirs || theirs === base) return { kind: 'merged', text: ours };
  if (ours === base) return { kind: 'merged', text: theirs };
  const why = whyNot(texts);
  return why === undefined ? mergeDifferent(texts) : { kind: 'refused', why };
}

function whyNot({ base, ours, theirs }: Three<string>): string | undefined {
  const texts = [base, ours, theirs];
  if (texts.some((text) => text.includes('\0'))) return 'it is a binary file';
  if (texts.some((text) => text.startsWith('version https://git-lfs.github.com/spec/')))
    return 'it is kept in Git LFS';
  if ([ours, theirs].some((text) => /^(?:<{7}|>{7})(?: |\r?$)/m.test(text)))
    return 'it holds conflict markers of an earlier merge';
  return undefined;
}

/** The merge without its short cuts for a side that changed nothing, which come to the same. */
export function mergeDifferent(texts: Three<string>): RowMerge {
  const sources = splitLines(texts);
  const documents = each(sources, ({ lines }) => parseDocument(lines));
  const versions = pairTables(each(documents, tablesOf));
  const names = new Map<Table, string>();
  for (const { id, base, ours, theirs } of versions)
    for (const table of [base, ours, theirs]) if (table !== undefined) names.set(table, `\0${id}`);
  const nameOf = (item: string | Table) => (typeof item === 'string' ? item : (names.get(item) ?? ''));
  const chunks = threeWay(each(documents, (document) => document.map(nameOf)));

  const conflicts: RowConflict[] = [];
  const lines: string[] = [];
  const uses = new Map<number, number>();
  for (const chunk of chunks) {
    if (chunk.kind === 'conflict') {
      conflicts.push(proseConflict(chunk, documents));
      for (const value of [...chunk.base, ...chunk.ours, ...chunk.theirs])
        if (value.startsWith('\0')) uses.set(Number(value.slice(1)), -1);
      continue;
    }
    for (const value of chunk.values) {
      const table = value.startsWith('\0') ? versions[Number(value.slice(1))] : undefined;
      if (table === undefined) {
        lines.push(value);
        continue;
      }
      uses.set(table.id, (uses.get(table.id) ?? 0) + 1);
      const merged = mergedVersions(table);
      for (const line of merged.lines) lines.push(line);
      for (const conflict of merged.conflicts) conflicts.push(conflict);
    }
  }
  for (const table of versions) conflicts.push(...misplaced(table, uses.get(table.id) ?? 0));
  if (conflicts.length > 0) return { kind: 'conflicts', conflicts };
  return { kind: 'merged', text: joinLines(lines, sources) };
}

const tablesOf = (document: Document): Table[] =>
  document.filter((item): item is Table => typeof item !== 'string');

/** A table that is in the result. */
function mergedVersions(table: TableVersions) {
  const { base, ours, theirs } = table;
  if (ours !== undefined && theirs !== undefined) return mergeTables({ base, ours, theirs });
  const only = ours ?? theirs;
  if (only === undefined || base !== undefined) return { lines: [], conflicts: [removed(table)] };
  return { lines: tableLines(only), conflicts: [] };
}

/** What is wrong with a table that is not once in the result; in a conflict (-1) it is told with that. */
function misplaced(table: TableVersions, uses: number): readonly RowConflict[] {
  const { base, ours, theirs } = table;
  if (uses === 1 || uses === -1) return [];
  if (uses > 1) return [removed(table, 'reordered')];
  if (base === undefined || (ours !== undefined && theirs !== undefined)) return [removed(table)];
  const kept = ours ?? theirs;
  if (kept === undefined || tableLines(kept).join('\n') === tableLines(base).join('\n')) return [];
  return [removed(table)];
}

function removed(table: TableVersions, reason: 'table_removed' | 'reordered' = 'table_removed'): RowConflict {
  const { base, ours, theirs } = table;
  const place = (one: Table | undefined) =>
    one === undefined ? undefined : { line: one.header.line, text: one.headerText };
  const any = ours ?? theirs ?? base;
  return {
    reason,
    section: any === undefined ? undefined : sectionOf(any),
    row: any?.header.cells[0]?.trim(),
    column: undefined,
    base: place(base),
    ours: place(ours),
    theirs: place(theirs),
  };
}

function proseConflict(
  chunk: Extract<Chunk, { readonly kind: 'conflict' }>,
  documents: Three<Document>,
): RowConflict {
  const place = (side: 'base' | 'ours' | 'theirs') => {
    const document = documents[side];
    const at = chunk.line[side];
    const text = document.slice(at, at + chunk[side].length).flatMap(linesOf);
    return { line: document.slice(0, at).flatMap(linesOf).length + 1, text: text.join('\n') };
  };
  const above = documents.ours.slice(0, chunk.line.ours + 1).filter((item) => typeof item === 'string');
  const heading = above.findLast((line) => /^ {0,3}#{1,6}[ \t]/.test(line));
  return {
    reason: 'prose',
    section: heading?.replace(/^ *#+[ \t]+/, '').trim(),
    row: undefined,
    column: undefined,
    base: place('base'),
    ours: place('ours'),
    theirs: place('theirs'),
  };
}

const linesOf = (item: string | Table): string[] => (typeof item === 'string' ? [item] : tableLines(item));
