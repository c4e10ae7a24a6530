import { linesOf } from '../text-lines.ts';
import { isReadAsText } from '../yaml-scalar.ts';
import { everyNode, nodeAt, textOf, textsOf, type YamlMap, type YamlNode } from '../yaml-tree.ts';
import { hasStatus } from './addresses.ts';
import { type Item, itemsOf } from './items.ts';
import { referencesIn } from './references.ts';
import { blockersOf, dependenciesOf } from './runnable.ts';
import { isDone } from './status.ts';

/** Something odd in a file that can be read all the same. */
export type Finding = {
  readonly code:
    | 'duplicate_key'
    | 'unknown_status'
    | 'not_text'
    | 'ambiguous_id'
    | 'absolute_path'
    | 'unquoted_timestamp'
    | 'unknown_reference'
    | 'missing_artifact'
    | 'completed_at_without_completion'
    | 'alias'
    | 'no_statuses';
  readonly line: number;
  readonly address: string | null;
  readonly message: string;
};

/** A path that the file says is there, because what it belongs to is complete. */
export type ClaimedArtifact = { readonly path: string; readonly address: string; readonly line: number };

const hasPlaceholder = (text: string) => /[{}]/.test(text);
const isAbsolute = (text: string) =>
  /^(?:\/(?:[\w.-]+\/)+[\w.-]*|~\/\S+|[A-Za-z]:[\\/]\S+)$/.test(text.trim());
const isDate = (text: string) => /^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$/.test(text) && !isReadAsText(text);

/** What is odd in a document, in the order of its lines, apart from artifacts, which have to be looked for. */
export function findingsIn(root: YamlNode | undefined, source: string): readonly Finding[] {
  const { lineAt } = linesOf(source);
  const items = itemsOf(root, source);
  const found: Finding[] = [...ofText(root, source, lineAt), ...ofItems(items, source, lineAt)];
  const resolve = referencesIn(items);
  for (const { blocking, node, id } of blockersOf(root, source)) {
    for (const name of blocking.filter((each) => resolve(each, undefined) === undefined)) {
      const message = `${id ?? 'a blocker'} blocks ${name}, which is nothing that the file has`;
      found.push({ code: 'unknown_reference', line: lineAt(node.range[0]), address: null, message });
    }
  }
  if (!items.some(hasStatus))
    found.push({ code: 'no_statuses', line: 1, address: null, message: 'nothing in it has a status' });
  return found.sort((a, b) => a.line - b.line);
}

function ofText(
  root: YamlNode | undefined,
  source: string,
  lineAt: (offset: number) => number,
): readonly Finding[] {
  const found: Finding[] = [];
  const add = (code: Finding['code'], node: YamlNode, message: string) =>
    found.push({ code, line: lineAt(node.range[0]), address: null, message });
  for (const node of everyNode(root)) {
    if (node.kind === 'map')
      for (const each of duplicates(node)) add('duplicate_key', each.node, each.message(lineAt));
    if (node.kind === 'alias')
      add('alias', node, `*${node.name} is an alias: what it stands for is edited where it is written out`);
    if (node.kind !== 'scalar' || typeof node.value !== 'string') continue;
    if (isAbsolute(node.value))
      add('absolute_path', node, `${node.value} is an absolute path: it is no other machine's`);
    if (node.style === 'plain' && isDate(source.slice(...node.range)))
      add('unquoted_timestamp', node, `${node.value} has no quotes: PyYAML reads a date instead of text`);
  }
  return found;
}

function duplicates(map: YamlMap) {
  const places = new Map<string, YamlNode[]>();
  for (const { name, key } of map.entries)
    if (name !== undefined) places.set(name, [...(places.get(name) ?? []), key]);
  return [...places].flatMap(([name, keys]) => {
    const last = keys.at(-1);
    return last === undefined
      ? []
      : keys.slice(0, -1).map((node) => ({
          node,
          message: (lineAt: (offset: number) => number) =>
            `${name} is there again in line ${lineAt(last.range[0])}, which is the one that counts`,
        }));
  });
}

function ofItems(
  items: readonly Item[],
  source: string,
  lineAt: (offset: number) => number,
): readonly Finding[] {
  const resolve = referencesIn(items);
  const plain = new Map<string, number>();
  for (const item of items.filter(hasStatus)) plain.set(item.plain, (plain.get(item.plain) ?? 0) + 1);
  return items.flatMap((item): readonly Finding[] => {
    const { address } = item;
    const at = (node: YamlNode) => ({ line: lineAt(node.range[0]), address });
    const found: Finding[] = dependenciesOf(item, source)
      .filter((name) => item.kind !== 'other' && resolve(name, item) === undefined)
      .map((name) => {
        const node = nodeAt(item.map, 'blocked_by') ?? item.map;
        const message = `${address} waits for ${name}, which is nothing that the file has`;
        return { code: 'unknown_reference', ...at(node), message };
      });
    if (!hasStatus(item)) return found;
    const { value } = item.entry;
    if ((plain.get(item.plain) ?? 0) > 1) {
      const message = `${item.plain} is there ${plain.get(item.plain)} times: this one is ${address}`;
      found.push({ code: 'ambiguous_id', ...at(item.map), message });
    }
    if (item.status === 'UNKNOWN') {
      const what = item.raw === undefined ? 'no status is given' : `'${item.raw}' is no status that wt knows`;
      found.push({ code: 'unknown_status', ...at(item.entry.key), message: `${address}: ${what}` });
    }
    if (item.raw !== undefined && value.kind === 'scalar' && typeof value.value !== 'string')
      found.push({
        code: 'not_text',
        ...at(value),
        message: `the status of ${address} is no text: ${item.raw}`,
      });
    const completed = nodeAt(item.map, 'completed_at');
    if (
      completed !== undefined &&
      textOf(completed, source) !== undefined &&
      !['COMPLETE', 'SKIPPED', 'UNKNOWN', 'FAILED', 'CANCELLED'].includes(item.status)
    ) {
      const message = `${address} has a time of completion, but is ${item.status}`;
      found.push({ code: 'completed_at_without_completion', ...at(completed), message });
    }
    return found;
  });
}

/** The artifacts of what is complete; templates of paths are none. */
export function claimedArtifacts(root: YamlNode | undefined, source: string): readonly ClaimedArtifact[] {
  const { lineAt } = linesOf(source);
  return itemsOf(root, source).flatMap((item) => {
    if (item.status === undefined || !isDone(item.status) || item.status === 'SKIPPED') return [];
    return ['artifact', 'path', 'artifacts'].flatMap((name) => {
      const node = nodeAt(item.map, name);
      if (node === undefined || (name === 'path' && item.kind !== 'other')) return [];
      return textsOf(node, source)
        .filter(
          (path) => /[/.]/.test(path) && !/\s\(|\n/.test(path) && !hasPlaceholder(path) && !isAbsolute(path),
        )
        .map((path) => ({ path, address: item.address, line: lineAt(node.range[0]) }));
    });
  });
}
