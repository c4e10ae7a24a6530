/** A stretch of the source text: from an offset up to and without another. */
export type Range = readonly [start: number, end: number];

/** How a scalar is written; `empty` is a value that is not there: `key:`, and `absent` one without even a colon. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block' | 'empty' | 'absent';

export type YamlScalar = {
  readonly kind: 'scalar';
  readonly value: unknown;
  readonly style: ScalarStyle;
  /** With its quotes, without its anchor and tag; of a block scalar from its header to its last line break. */
  readonly range: Range;
  readonly anchor?: string;
};
export type YamlEntry = {
  readonly key: YamlNode;
  /** The key as JavaScript would have it; `undefined` for a map or a list as a key. */
  readonly name: string | undefined;
  readonly value: YamlNode;
};
export type YamlMap = {
  readonly kind: 'map';
  readonly flow: boolean;
  readonly entries: readonly YamlEntry[];
  readonly range: Range;
  readonly anchor?: string;
};
export type YamlList = {
  readonly kind: 'list';
  readonly flow: boolean;
  readonly items: readonly YamlNode[];
  readonly range: Range;
  readonly anchor?: string;
};
/** A reference to the node with this anchor that was last before it. It is never followed into maps and lists. */
export type YamlAlias = {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode | undefined;
  readonly range: Range;
};
/** A YAML document as plain data that knows where in the text it stands. */
export type YamlNode = YamlScalar | YamlMap | YamlList | YamlAlias;

/** Why a text cannot be worked on, and where. */
export type YamlFault = { readonly offset: number; readonly message: string };

/** What a text is: a document (`undefined` when there is nothing in it), or the first thing that is wrong with it. */
export type ParsedYaml =
  | { readonly ok: true; readonly root: YamlNode | undefined }
  | { readonly ok: false; readonly fault: YamlFault };

/** The entry of a key. Of duplicates the last one, which is what readers see. */
export const entryOf = (node: YamlNode | undefined, name: string): YamlEntry | undefined =>
  node?.kind === 'map' ? node.entries.findLast((entry) => entry.name === name) : undefined;

export const nodeAt = (node: YamlNode | undefined, name: string): YamlNode | undefined =>
  entryOf(node, name)?.value;

/** The entries that readers see: of duplicate keys the last. */
export function visibleEntries(map: YamlMap): readonly YamlEntry[] {
  const last = new Map(map.entries.map((entry) => [entry.name, entry]));
  return last.size === map.entries.length
    ? map.entries
    : map.entries.filter((entry) => entry.name === undefined || last.get(entry.name) === entry);
}

/** A scalar itself, or the one that an alias stands for. */
export function scalarAt(node: YamlNode | undefined): YamlScalar | undefined {
  let at = node;
  for (let steps = 0; at?.kind === 'alias' && steps < 10; steps += 1) at = at.target;
  return at?.kind === 'scalar' ? at : undefined;
}

/** A scalar as the text that stands for it: numbers as they are written; `undefined` for null and anything else. */
export function textOf(node: YamlNode | undefined, source: string): string | undefined {
  const scalar = scalarAt(node);
  if (scalar === undefined || scalar.value === null || scalar.value === undefined) return undefined;
  if (typeof scalar.value === 'string') return scalar.value;
  return scalar.style === 'plain' ? source.slice(...scalar.range) : String(scalar.value);
}

/** The texts of a list of scalars, or of the one scalar that stands in its place. */
export function textsOf(node: YamlNode | undefined, source: string): readonly string[] {
  const nodes = node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
  return nodes.flatMap((each) => textOf(each, source) ?? []);
}

/** A node as data, with what readers see of duplicate keys. For tests and for small parts: aliases are written out. */
export function dataOf(node: YamlNode | undefined): unknown {
  if (node === undefined) return null;
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'alias') return dataOf(node.target);
  if (node.kind === 'list') return node.items.map(dataOf);
  return Object.fromEntries(node.entries.map(({ name, value }) => [name ?? '', dataOf(value)]));
}

/** Every node, parents before children, in the order of the text. */
export function* everyNode(node: YamlNode | undefined): Generator<YamlNode> {
  if (node === undefined) return;
  yield node;
  if (node.kind === 'list') for (const item of node.items) yield* everyNode(item);
  if (node.kind === 'map') {
    for (const { key, value } of node.entries) {
      yield* everyNode(key);
      yield* everyNode(value);
    }
  }
}
