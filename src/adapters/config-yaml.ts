import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { ConfigDocument } from '../domain/config-document.ts';
import { type ConfigProblem, invalidConfigFile, type Place } from '../domain/config-problem.ts';

/** The data of a YAML file and the places of its keys. Throws `config_invalid` for what is no plain YAML document. */
export function parseConfig(source: ConfigDocument['source'], file: string, text: string): ConfigDocument {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // `logLevel: 'silent'` would also hide that there is a second document. The parser's own search for duplicate keys
  // is quadratic: 90 s for 1 MB of keys.
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  // Only the first fault: it makes the parser see others further on.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    const marker = /^(?:<{7}|={7}|>{7})(?: |\r?$)/m.exec(text);
    throw invalidConfigFile(file, [
      marker === null
        ? { ...place(fault.pos[0]), message: explain(fault.code, fault.message) }
        : { ...place(marker.index), message: 'a conflict marker: the merge of this file is not finished' },
    ]);
  }
  const problems = unsupported(document, place);
  if (problems.length > 0) throw invalidConfigFile(file, problems);

  const locate: ConfigDocument['locate'] = (path, part) => {
    let at: unknown = document.contents;
    let found = offsetOf(at) ?? 0;
    for (const [depth, key] of path.entries()) {
      const last = depth === path.length - 1;
      if (isMap(at)) {
        const pair = at.items.find((item) => isScalar(item.key) && item.key.value === key);
        if (pair === undefined) break;
        const keyOffset = offsetOf(pair.key) ?? found;
        const isEmpty = isScalar(pair.value) && pair.value.value === null && pair.value.source === '';
        found = (last && part === 'key') || isEmpty ? keyOffset : (offsetOf(pair.value) ?? keyOffset);
        at = pair.value;
      } else break;
    }
    return place(found);
  };
  return { source, file, data: document.toJS({ maxAliasCount: 0 }), locate };
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** Keys that are there twice, of which readers would take one or the other, and aliases, which can grow without end. */
function unsupported(document: Document, place: (offset: number) => Place): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Alias(_, { source, range }) {
      const message = `the alias *${source} is not supported here; write the value out`;
      problems.push({ ...place(range?.[0] ?? 0), message });
    },
    Map(_, { items }, above) {
      const section = above.flatMap((node) => (isPair(node) && isScalar(node.key) ? [node.key.value] : []));
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = [...section, key.value].join('.');
        if (seen.has(key.value))
          problems.push({ ...place(key.range?.[0] ?? 0), key: name, message: `${name} is there twice` });
        seen.add(key.value);
      }
    },
  });
  return problems;
}

/** What YAML's error says, in terms of a configuration file. */
function explain(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab in the indentation: YAML wants spaces';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins: one file holds one';
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  if (code === 'NON_STRING_KEY') return 'a key must be a word';
  return `not valid YAML: ${message.split('\n')[0]}`;
}
