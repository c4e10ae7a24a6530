import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { ParsedYaml, ScalarStyle, YamlEntry, YamlFault, YamlNode } from '../../domain/yaml-tree.ts';

/** What aliases may stand for altogether, in nodes: a few lines of them can mean billions. */
const mostExpanded = 100_000;

let last: { readonly text: string; readonly parsed: ParsedYaml } | undefined;

/** The document of a text, with its places. The last result is kept: a ledger reads the same text again under its lock. */
export function parseYaml(text: string): ParsedYaml {
  if (last?.text !== text) last = { text, parsed: parse(text) };
  return last.parsed;
}

function parse(text: string): ParsedYaml {
  const marker = /^<{7}(?: |\r?$)/m.exec(text);
  if (marker !== null && /^>{7}(?: |\r?$)/m.test(text))
    return fault(marker.index, 'a conflict marker: the merge of this file is not finished');
  // `logLevel: 'silent'` would also hide that there is a second document; the parser's own search for duplicate keys is quadratic.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) return fault(error.pos[0], explain(error.code, error.message));
  const tree = treeOf(document);
  return 'message' in tree ? { ok: false, fault: tree } : { ok: true, root: tree.root };
}

const fault = (offset: number, message: string): ParsedYaml => ({ ok: false, fault: { offset, message } });

function treeOf(document: Document): { readonly root: YamlNode | undefined } | YamlFault {
  const anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();
  const open = new Set<string>();
  let expanded = 0;
  let wrong: YamlFault | undefined;
  let size = 0; // of what is being converted, aliases written out

  const convert = (node: Node | null | undefined, after: number): YamlNode => {
    size += 1;
    const [start, end] = node?.range ?? [after, after];
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined && open.has(node.source))
        wrong ??= { offset: start, message: `the alias *${node.source} stands for what it is in` };
      size += target?.size ?? 0;
      expanded += target?.size ?? 0;
      if (target === undefined)
        wrong ??= { offset: start, message: `the alias *${node.source} stands for nothing` };
      if (expanded > mostExpanded)
        wrong ??= { offset: start, message: 'its aliases stand for too much when written out' };
      return { kind: 'alias', name: node.source, target: target?.node, range: [start, end] };
    }
    const before = size;
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) open.add(anchor);
    const converted = plain(node, [start, end]);
    if (anchor === undefined) return converted;
    const anchored = { ...converted, anchor } as YamlNode;
    anchors.set(anchor, { node: anchored, size: size - before + 1 });
    return anchored;
  };

  const plain = (node: Node | null | undefined, range: readonly [number, number]): YamlNode => {
    if (isMap(node)) return { kind: 'map', flow: node.flow === true, entries: node.items.map(entry), range };
    if (isSeq(node)) {
      const items = node.items.map((item) =>
        isPair(item)
          ? ({ kind: 'map', flow: true, entries: [entry(item)], range } as const)
          : convert(item as Node, range[0]),
      );
      return { kind: 'list', flow: node.flow === true, items, range };
    }
    if (isScalar(node)) return { kind: 'scalar', value: node.value, style: styleOf(node.type, range), range };
    return { kind: 'scalar', value: null, style: 'absent', range };
  };

  const entry = ({ key, value }: { readonly key: unknown; readonly value: unknown }): YamlEntry => {
    const name = isScalar(key) ? String(key.value ?? '') : undefined;
    const converted = convert(key as Node | null, 0);
    return { key: converted, name, value: convert(value as Node | null, converted.range[1]) };
  };

  const root = document.contents === null ? undefined : convert(document.contents, 0);
  return wrong ?? { root };
}

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

const styleOf = (type: string | undefined, [start, end]: readonly [number, number]): ScalarStyle => {
  const style = styles[type ?? ''] ?? 'plain';
  return style === 'plain' && start === end ? 'empty' : style;
};

/** What YAML's error says, in words for whoever wrote the file. */
function explain(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab in the indentation: YAML wants spaces';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins: one file holds one';
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  return `not valid YAML: ${message.split('\n')[0]}`;
}
