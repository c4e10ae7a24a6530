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
  !/[\p{Cc}\u2028\u2029\uFEFF]/u.test(text) &&
  !/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) &&
  !/:(?:\s|$)|\s#|^\.\.\.(?:\s|$)/.test(text) &&
  !(flow && /[,[\]{}]|:$/.test(text));

/** A text as a scalar of one line, in the style of the one that it replaces as far as that can hold it. */
export function scalarText(
  value: string,
  style: ScalarStyle,
  options: { readonly flow: boolean; readonly quoting: Quoting; readonly anyType?: boolean },
): string {
  const wanted: Quoting =
    style === 'plain' || style === 'single' || style === 'double' ? style : options.quoting;
  if (
    wanted === 'plain' &&
    canBePlain(value, options.flow) &&
    (options.anyType === true || isReadAsText(value))
  )
    return value;
  const quote = wanted === 'plain' ? options.quoting : wanted;
  if (quote === 'single' && !/[\p{Cc}\u2028\u2029\uFEFF]/u.test(value))
    return `'${value.replaceAll("'", "''")}'`;
  return doubleQuoted(value);
}

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
