import type { Place } from './config-problem.ts';

/** A value in a JSON text with its place there; offsets count UTF-16 units, `end` is behind its last. */
export type JsonNode = {
  readonly kind: 'object' | 'array' | 'scalar';
  readonly start: number;
  readonly end: number;
  /** Of an object its members, of an array its elements, in the order of the text. */
  readonly children: readonly JsonChild[];
};

/** A member with its key, or an element; it begins where its key does. */
export type JsonChild = {
  readonly key: string | undefined;
  readonly start: number;
  readonly value: JsonNode;
};

/** What is wrong in a JSON text, and where. */
export type JsonFault = { readonly at: number; readonly message: string };

/** A byte order mark, which some editors leave in front; claude reads past it (2.1.197). */
export const byteOrderMark = '\uFEFF';

type Open = {
  readonly kind: 'object' | 'array';
  readonly start: number;
  readonly children: JsonChild[];
  /** Of the member whose value comes next. */
  key: { readonly text: string; readonly start: number } | undefined;
};

const space = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none in a string
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** The places of all values in a JSON text; without recursion, for it may be nested as deep as it likes. */
export function parseJsonText(text: string): JsonNode | JsonFault {
  let at = text.startsWith(byteOrderMark) ? 1 : 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const fault = (wanted: string): JsonFault => ({
    at,
    message: /^\/[/*]/.test(text.slice(at, at + 2))
      ? 'a comment: JSON has none'
      : `${at === text.length ? 'the file ends' : JSON.stringify(text[at])} where ${wanted} was expected`,
  });
  const open: Open[] = [];
  for (;;) {
    take(space);
    const start = at;
    const character = text[at];
    let done: JsonNode | undefined;
    if (character === '{' || character === '[') {
      at++;
      open.push({ kind: character === '{' ? 'object' : 'array', start, children: [], key: undefined });
    } else {
      if (take(character === '"' ? string : scalar) === undefined) return fault('a value');
      done = { kind: 'scalar', start, end: at, children: [] };
    }
    // What has ended is put into what contains it, until a value is to come.
    for (;;) {
      const top = open.at(-1);
      if (done !== undefined) {
        if (top === undefined) {
          take(space);
          return at === text.length ? done : fault('the end');
        }
        top.children.push({ key: top.key?.text, start: top.key?.start ?? done.start, value: done });
      }
      if (top === undefined) return fault('a value');
      take(space);
      const closing = top.kind === 'object' ? '}' : ']';
      if (text[at] === closing && (done !== undefined || top.children.length === 0)) {
        at++;
        open.pop();
        done = { kind: top.kind, start: top.start, end: at, children: top.children };
        continue;
      }
      if (done !== undefined) {
        if (text[at] !== ',') return fault(`, or ${closing}`);
        at++;
        take(space);
      }
      if (top.kind === 'object') {
        const keyStart = at;
        const key = take(string);
        if (key === undefined) return fault('a key in double quotes');
        take(space);
        if (text[at] !== ':') return fault(':');
        at++;
        top.key = { text: JSON.parse(key) as string, start: keyStart };
      }
      break;
    }
  }
}

export const isJsonFault = (result: JsonNode | JsonFault): result is JsonFault => 'message' in result;

/** The member of that name, of several the last, which is the one that JSON.parse gives. */
export const memberOf = (node: JsonNode, key: string): JsonChild | undefined =>
  node.children.findLast((child) => child.key === key);

/** The line and column of an offset. */
export function placeOf(text: string, at: number): Place {
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
