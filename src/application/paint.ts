const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Text in a colour (or weight) of the terminal's own palette; as it is where colours are off. */
export function paint(text: string, style: keyof typeof codes, on: boolean): string {
  const [begin, end] = codes[style];
  return on && text !== '' ? `\u001b[${begin}m${text}\u001b[${end}m` : text;
}
