import type { ScalarStyle } from './yaml-tree.ts';

/** How new text is written where the old one gives no example. */
export type Quoting = 'plain' | 'single' | 'double';

// What YAML 1.1 (PyYAML) or 1.2 reads as something else than text.
const typed =
  /^(?:~|null|true|false|yes|no|on|off|y|n|=|<<|[-+]?\.(?:inf|nan)|[-+]?[\d_]*\.?[\d_]+(?:e[-+]?\d+)?|[-+]?[\d_]+\.|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:(?:t|\s+).*)?)$/i;

/** Whether a plain scalar of this text would be read as text, and not as a number, a date or a boolean. */
export const isReadAsText = (text: string): boolean => !typed.test(text);

/** Whether a text can stand without quotes; in `{…}` and `[…]` less can. */
export const canBePlain = (text: string, flow: boolean): boolean =>
  text !== '' &&
  text.trim() === text &&
  !isForDouble(text) &&
  !/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) &&
  !/:(?:\s|$)|\s#|^\.\.\.(?:\s|$)/.test(text) &&
  !(flow && /[,[\]{}]|:$/.test(text));

// What YAML 1.2 reads as something else than text, in its core schema.
const typedInCore =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;

/** How a text becomes a scalar. */
export type ScalarOptions = {
  /** Within `{…}` or `[…]`. */
  readonly flow: boolean;
  /** Where the old scalar gives no example. */
  readonly quoting: Quoting;
  /** The quotes that a plain scalar takes when it needs some; `undefined` where plain is the rarest style. */
  readonly needed?: 'single' | 'double' | undefined;
  /** Only what YAML 1.2 would not read as text needs quotes, not also what 1.1 (PyYAML) would not. */
  readonly core?: boolean | undefined;
};

/** Whether a text has to have quotes, to be read as this text. */
export const needsQuotes = (text: string, { flow, core }: Pick<ScalarOptions, 'flow' | 'core'>): boolean =>
  !canBePlain(text, flow) || (core === true ? typedInCore.test(text) : !isReadAsText(text));

/** The scalar that a text takes the place of. */
export type Present = {
  readonly style: ScalarStyle;
  readonly text?: string | undefined;
  /** `!!str` stands before it. */
  readonly isTagged?: boolean;
};

/**
 * A text as a scalar of one line, in the style of the one that it replaces as far as that can hold it. There are
 * three styles, and two of them can hold any text: so that a change and its reverse give the same bytes, a plain
 * scalar that needs quotes takes those of `needed`, and one that has these already takes a `!!str` with them.
 */
export function scalarText(value: string, present: Present, options: ScalarOptions): string {
  const { quoting, needed } = options;
  const { style, text: before } = present;
  const isExample = style === 'plain' || style === 'single' || (style === 'double' && !isForDouble(before));
  const wanted: Quoting = isExample ? style : quoting;
  const isQuoted = isExample && style !== 'plain';
  const wasForced = isQuoted && before !== undefined && needsQuotes(before, options);
  if (!needsQuotes(value, options)) {
    if (wasForced && present.isTagged) return inStyle(value, needed ?? 'plain');
    return inStyle(value, wasForced && wanted === needed ? 'plain' : wanted);
  }
  if (wasForced) return (present.isTagged ? '!!str ' : '') + inStyle(value, wanted);
  const isRarest = isExample && options.core === true && wanted === (needed ?? 'plain');
  const quotes = wanted === 'plain' ? (needed ?? quoting) : wanted;
  return (isRarest ? '!!str ' : '') + inStyle(value, quotes === 'plain' ? 'double' : quotes);
}

const inStyle = (value: string, style: Quoting): string => {
  if (style === 'plain') return value;
  return style === 'single' && !isForDouble(value) ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
};

/** Whether only double quotes can hold a text, with escapes. */
const isForDouble = (text = ''): boolean => /[\p{Cc}\u2028\u2029\uFEFF]/u.test(text);

const doubleQuoted = (value: string): string =>
  `"${value.replace(/["\\\p{Cc}\u2028\u2029\uFEFF]/gu, (character) => escapes[character] ?? hex(character))}"`;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const hex = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
