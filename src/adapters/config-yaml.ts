import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { ConfigDocument } from '../domain/config-document.ts';
import { type ConfigProblem, invalidConfigFile, type Place } from '../domain/config-problem.ts';

/** The data of a YAML file and the places of its keys. Throws `config_invalid` for what is no plain YAML document. */
export function parseConfig(source: ConfigDocument['source'], file: string, text: string): ConfigDocument {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // `logLevel: 'silent'` would also hide that there is a second document; aliases are refused below.
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const marker = document.errors.length > 0 ? /^(?:<{7}|={7}|>{7})(?: |\r?$)/m.exec(text) : null;
  if (marker !== null)
    throw invalidConfigFile(file, [
      { ...place(marker.index), message: 'a conflict marker: the merge of this file is not finished' },
    ]);
  const faults = [...document.errors, ...document.warnings];
  const duplicates = faults.filter(({ code }) => code === 'DUPLICATE_KEY');
  // The first of the other faults makes the parser see more of them further on.
  const [broken] = faults.filter(({ code }) => code !== 'DUPLICATE_KEY');
  const problems: ConfigProblem[] = [...duplicates, ...(broken === undefined ? [] : [broken])].map(
    ({ code, message, pos }) => ({ ...place(pos[0]), ...explain(code, message, text.slice(pos[0])) }),
  );
  visit(document, {
    Alias(_, { source: name, range }) {
      const message = `the alias *${name} is not supported here; write the value out`;
      problems.push({ ...place(range?.[0] ?? 0), message });
    },
  });
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
      } else if (isSeq(at) && typeof key === 'number') {
        at = at.items[key];
        found = offsetOf(at) ?? found;
      } else break;
    }
    return place(found);
  };
  return { source, file, data: document.toJS({ maxAliasCount: 0 }), locate };
}

const offsetOf = (node: unknown): number | undefined =>
  isNode(node) && !isAlias(node) ? node.range?.[0] : undefined;

/** What YAML's error says, in terms of a configuration file. */
function explain(code: string, message: string, rest: string): { message: string; key?: string } {
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([^\s:"']+)/.exec(rest)?.[1] ?? '';
    return { key, message: `${key} is there twice` };
  }
  if (code === 'TAB_AS_INDENT') return { message: 'a tab in the indentation: YAML wants spaces' };
  if (code === 'MULTIPLE_DOCS') return { message: 'a second document begins: one file holds one' };
  if (code === 'RESOURCE_EXHAUSTION') return { message: 'nested too deeply' };
  if (code === 'NON_STRING_KEY') return { message: 'a key must be a word' };
  return { message: `not valid YAML: ${message.split('\n')[0]}` };
}
