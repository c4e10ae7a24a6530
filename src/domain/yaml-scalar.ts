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
  /** What a scalar without quotes takes when it needs some, and gives up when it needs them no more. */
  readonly needed?: 'single' | 'double' | undefined;
  /** Only what YAML 1.2 would not read as text needs quotes, not also what 1.1 (PyYAML) would not. */
  readonly core?: boolean | undefined;
};

/** Whether a text has to have quotes, to be read as this text. */
export const needsQuotes = (text: string, { flow, core }: Pick<ScalarOptions, 'flow' | 'core'>): boolean =>
  !canBePlain(text, flow) || (core === true ? typedInCore.test(text) : !isReadAsText(text));

/**
 * A text as a scalar of one line, in the style of the one that it replaces as far as that can hold it. Quotes that
 * stood there only because the old text (`before`) needed them are no style.
 */
export function scalarText(
  value: string,
  style: ScalarStyle,
  options: ScalarOptions,
  before?: string | undefined,
): string {
  const { quoting, needed } = options;
  const isExample = style === 'plain' || style === 'single' || (style === 'double' && !isForDouble(before));
  const wanted: Quoting = isExample ? style : quoting;
  const isFree = !needsQuotes(value, options);
  const wasForced = wanted === needed && before !== undefined && needsQuotes(before, options);
  if (isFree && (wanted === 'plain' || wasForced)) return value;
  const quote = wanted === 'plain' ? (needed ?? quoting) : wanted;
  return quote === 'single' && !isForDouble(value) ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
}

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
