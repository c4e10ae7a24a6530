import type { NewItem, NewValue } from '../yaml-lists.ts';
import type { Quoting } from '../yaml-scalar.ts';
import { nodeAt, scalarAt, textOf, visibleEntries, type YamlMap, type YamlNode } from '../yaml-tree.ts';
import { type FileStyle, type TimeForm, timeFormOf, timeText } from './style.ts';

/** What a new entry of a list has to say, under every name that files use for it. */
export type EntryFacts = {
  readonly idAfter: (sample: string | undefined) => string;
  readonly time: Date;
  /** Names of keys and what stands there, the usual ones first. */
  readonly values: Readonly<Record<string, NewValue>>;
};

const idNames = new Set(['id', 'checkpoint_id', 'blocker_id', 'issue_id']);
const isTime = (name: string) => /(?:_at|^timestamp|^time|^date|^at)$/.test(name);

/**
 * A new entry in the shape of the last one of its list: the same keys in the same order, quoted as there, as far as
 * there is something to say; in the usual shape where the list is empty.
 */
export function shapedEntry(
  sample: YamlMap | undefined,
  source: string,
  style: FileStyle,
  usual: readonly string[],
  { idAfter, time, values }: EntryFacts,
): NewItem {
  const names = sample === undefined ? usual : visibleEntries(sample).flatMap(({ name }) => name ?? []);
  const item = names.flatMap((name) => {
    const node = sample === undefined ? undefined : nodeAt(sample, name);
    const text = textOf(node, source);
    const value = idNames.has(name)
      ? idAfter(text)
      : isTime(name)
        ? timeText(time, formOf(text, style))
        : Object.hasOwn(values, name)
          ? likeSample(values[name] ?? null, node)
          : undefined;
    return value === undefined ? [] : [{ name, value: inCase(value, text), quoting: quotingOf(node, style) }];
  });
  const says = item.some(({ name }) => Object.hasOwn(values, name));
  return says || sample === undefined
    ? item
    : shapedEntry(undefined, source, style, usual, { idAfter, time, values });
}

const formOf = (text: string | undefined, style: FileStyle): TimeForm => timeFormOf(text) ?? style.times;

/** One text instead of a list of one, where the sample has it so. */
const likeSample = (value: NewValue, node: YamlNode | undefined): NewValue =>
  Array.isArray(value) && value.length === 1 && node?.kind === 'scalar' && node.value !== null
    ? String(value[0])
    : value;

/** A word such as HIGH in the case of the sample's. */
const inCase = (value: NewValue, sample: string | undefined): NewValue =>
  typeof value === 'string' && /^[A-Z_]+$/.test(value) && sample !== undefined && /^[a-z_-]+$/.test(sample)
    ? value.toLowerCase()
    : value;

function quotingOf(node: YamlNode | undefined, style: FileStyle): Quoting {
  const written = scalarAt(node)?.style;
  if (written === 'plain' || written === 'single' || written === 'double')
    return typeof scalarAt(node)?.value === 'string' ? written : style.quoting;
  return style.quoting;
}

/** The id that comes after those that are there: `CP-005` after `CP-004`, as wide as the last. */
export function nextId(ids: readonly string[], first: string): string {
  const last = ids.findLast((id) => /\d+$/.test(id)) ?? undefined;
  if (last === undefined) return first;
  const [, front = '', digits = ''] = /^(.*?)(\d+)$/.exec(last) ?? [];
  const numbers = ids.flatMap((id) => {
    const [, itsFront, itsDigits] = /^(.*?)(\d+)$/.exec(id) ?? [];
    return itsFront === front ? [Number(itsDigits)] : [];
  });
  return `${front}${String(Math.max(...numbers) + 1).padStart(digits.length, '0')}`;
}
