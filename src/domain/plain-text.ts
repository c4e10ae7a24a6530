const esc = String.fromCharCode(27);
const sequences = new RegExp(`${esc}(?:\\[[0-9;:?]*[ -/]*[@-~]|\\][^${esc}]*?(?:${esc}\\\\|$))`, 'g');

/** Text of an agent as a terminal may show it: no control sequences, no control characters but newline and tab. */
export const plainText = (text: string): string =>
  text.replace(sequences, '').replace(/(?![\n\t])\p{Cc}/gu, '');

/** Text of an agent as one line of at most `most` characters. */
export function oneLine(text: string, most = 120): string {
  const line = plainText(text.slice(0, most * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Text on one line with nothing hidden: control and formatting characters (bidi overrides too) as `\u{1b}`. */
export const visibleText = (text: string): string =>
  text
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
