import { failures } from '../failure.ts';
import { isCanonical } from '../status.ts';
import type { Warning } from '../warning.ts';
import { applyEdits, type EditOptions, insertEntry, replaceValue, type YamlEdit } from '../yaml-edit.ts';
import { canBePlain, isReadAsText } from '../yaml-scalar.ts';
import { entryOf, scalarAt, textOf, type YamlEntry, type YamlMap, type YamlNode } from '../yaml-tree.ts';
import { findItem, hasStatus, type StatusItem } from './addresses.ts';
import { type Item, itemsOf } from './items.ts';
import { spell, statusOf } from './status.ts';
import { type FileStyle, neededQuotes, quotingOf, styleOf, timeFormOf, timeText } from './style.ts';

/** A change of one status, as it was asked for. */
export type StatusChange = {
  readonly address: string;
  /** A canonical name, which goes in the file's own words, or a text as it is. */
  readonly status: string;
  /** Write the text exactly as given, and nothing else. */
  readonly statusOnly: boolean;
  /** The status that it must have now: a canonical name, or the text. */
  readonly onlyIf?: string | undefined;
  readonly artifact?: string | undefined;
  readonly note?: string | undefined;
};

/** What a change does to a file. Without edits everything is as it should be already. */
export type PlannedChange = {
  readonly address: string;
  readonly before: string | null;
  readonly after: string;
  /** Whether it is one line, `id: STATUS`: only a status that is known to be one keeps it addressable. */
  readonly isLine: boolean;
  readonly edits: readonly YamlEdit[];
  readonly text: string;
  /** The lines that are new or another, in the new text. */
  readonly lines: readonly number[];
  readonly warnings: readonly Warning[];
};

/** Plans a change. Throws `address_not_found`, `ambiguous_address`, `status_mismatch` and `usage`. */
export function planChange(
  file: { readonly path: string; readonly text: string; readonly root: YamlNode | undefined },
  change: StatusChange,
  now: Date,
): PlannedChange {
  const { text: source, root } = file;
  const items = itemsOf(root, source);
  const item = findItem(items, change.address, file.path);
  const before = item.raw ?? null;
  if (change.onlyIf !== undefined && !holds(change.onlyIf, before))
    throw failures.statusMismatch(item.address, change.onlyIf, before);
  const after = wordFor(change, item, items);
  const style = styleOf(root);
  const edits = editsOf({ source, root, item, items, style, now }, change, after).filter(
    ({ range, text }) => source.slice(...range) !== text,
  );
  const { text, lines } = applyEdits(source, edits);
  return {
    address: item.address,
    before,
    after,
    isLine: isLine(item),
    edits,
    text,
    lines,
    warnings: warningsOf(change, after, item),
  };
}

const isLine = ({ map, entry }: StatusItem): boolean => !map.entries.includes(entry);

const holds = (wanted: string, raw: string | null): boolean =>
  raw !== null &&
  (raw === wanted || raw.trim() === wanted.trim() || (isCanonical(wanted) && statusOf(raw) === wanted));

function wordFor({ status, statusOnly }: StatusChange, item: StatusItem, items: readonly Item[]): string {
  if (statusOnly || !isCanonical(status)) return status;
  if (item.raw !== undefined && item.status === status) return item.raw;
  const found = items.flatMap(({ raw, kind }) => (raw === undefined ? [] : [{ raw, kind }]));
  return spell(status, item.kind, found);
}

type Scene = {
  readonly source: string;
  readonly root: YamlNode | undefined;
  readonly item: StatusItem;
  readonly items: readonly Item[];
  readonly style: FileStyle;
  readonly now: Date;
};

function editsOf(scene: Scene, change: StatusChange, after: string): readonly YamlEdit[] {
  const { source, item, items, style } = scene;
  const edits: YamlEdit[] = [];
  if (item.raw !== after) {
    const own = scalarAt(item.entry.value);
    const all = items.filter(hasStatus).flatMap(({ entry }) => scalarAt(entry.value) ?? []);
    const others = all.filter((scalar) => scalar !== own);
    const texts = style.texts.filter((scalar) => scalar !== own);
    const options: EditOptions = {
      quoting: quotingOf(others) ?? style.quoting,
      needed: neededQuotes(others, texts),
      core: change.statusOnly,
    };
    edits.push(replaceValue(source, item.map, item.entry, after, options));
  }
  if (change.statusOnly) return edits;
  const put = (name: string, value: string) => {
    if (isLine(item))
      throw failures.usage(
        `${item.address} is one line, its id and its status: there is no place for ${name}`,
        'edit it by hand, or leave the option out',
      );
    const entry = entryOf(item.map, name);
    if (entry === undefined)
      edits.push(insertEntry(source, item.map, item.entry, name, value, { quoting: style.quotes }));
    else if (!isScalarValue(entry))
      throw failures.usage(`${name} of ${item.address} is no text`, 'edit it by hand');
    else if (textOf(entry.value, source) !== value)
      edits.push(replaceValue(source, item.map, entry, value, { quoting: style.quotes }));
  };
  if (change.artifact !== undefined) put('artifact', change.artifact);
  if (change.note !== undefined) put('note', change.note);
  if (edits.length > 0) edits.push(...companions(scene, item.raw === after ? undefined : after));
  return edits;
}

/** The times that go with a change, where the file has them: they are text, and stay in quotes. */
function companions(scene: Scene, after: string | undefined): readonly YamlEdit[] {
  const { source, root, item, items, style, now } = scene;
  const edits = new Map<YamlEntry, YamlEdit>();
  const stamp = (map: YamlMap, name: string, only: 'when-empty' | 'always') => {
    const entry = entryOf(map, name);
    if (entry === undefined || !isScalarValue(entry)) return;
    const current = textOf(entry.value, source);
    if (only === 'when-empty' && current !== undefined && current.trim() !== '') return;
    const value = timeText(now, timeFormOf(current) ?? style.times);
    if (current === value) return;
    edits.set(entry, timeEdit(source, map, entry, value, style));
  };
  const status = after === undefined ? undefined : statusOf(after);
  if (status === 'IN_PROGRESS') stamp(item.map, 'started_at', 'when-empty');
  if (status === 'COMPLETE' && item.status !== 'COMPLETE') stamp(item.map, 'completed_at', 'always');
  stamp(item.map, 'updated_at', 'always');
  const workflow = items.find(({ kind }) => kind === 'workflow')?.map;
  for (const map of [workflow, root]) if (map?.kind === 'map') stamp(map, 'updated_at', 'always');
  return [...edits.values()];
}

/** A time without quotes would be a date to PyYAML, so it gets some; those that are there stay. */
function timeEdit(source: string, map: YamlMap, entry: YamlEntry, value: string, style: FileStyle): YamlEdit {
  const edit = replaceValue(source, map, entry, value, { quoting: style.quotes });
  if (edit.kind !== 'replace' || !canBePlain(edit.text.trim(), map.flow) || isReadAsText(value)) return edit;
  const quote = style.quotes === 'single' ? "'" : '"';
  return { ...edit, text: edit.text.replace(value, `${quote}${value}${quote}`) };
}

/** The edits of the times that go with any change of an item: `updated_at`, where the file has it. */
export function touched(
  { text: source, root }: { readonly text: string; readonly root: YamlNode | undefined },
  item: StatusItem,
  now: Date,
): readonly YamlEdit[] {
  const scene = { source, root, item, items: itemsOf(root, source), style: styleOf(root), now };
  return companions(scene, undefined);
}

const isScalarValue = ({ value }: YamlEntry): boolean => value.kind === 'scalar';

function warningsOf({ status, statusOnly }: StatusChange, after: string, item: StatusItem): Warning[] {
  const warnings: Warning[] = [];
  if (statusOf(after) === 'UNKNOWN' && !(isCanonical(status) && !statusOnly)) {
    const message = `'${after}' is no status that wt knows: it counts as UNKNOWN`;
    warnings.push({ code: 'unknown_status', message });
  }
  const value = scalarAt(item.entry.value);
  if (statusOnly && value?.style === 'plain' && !isReadAsText(after))
    warnings.push({
      code: 'not_text',
      message: `without quotes ${after} is no text to YAML 1.1, which PyYAML reads`,
    });
  return warnings;
}
