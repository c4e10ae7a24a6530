// A longer text is no id and no status, and the cost grows with the square.
const longest = 4000;

/** What a cell or heading says to a reader: links, emphasis, code and escapes of its Markdown taken away. */
export function plainText(markdown: string): string {
  if (!/[[`*_~\\<]|\s\s|\t/.test(markdown)) return markdown.trim();
  if (markdown.length > longest) return markdown.replace(/\s+/g, ' ').trim();
  return markdown
    .replace(/!?\[((?:\\.|[^\]\\[])*)\](?:\((?:\\.|[^()\\]|\([^()]*\))*\)|\[[^\]]*\])/g, '$1')
    .replace(/<br ?\/?>/gi, ' ')
    .replace(/(`+) ?(.*?) ?\1/g, '$2')
    .replace(/~~|\*\*|__/g, '')
    .replace(/(^|[\s(])[*_](\S(?:.*?\S)?)[*_](?=$|[\s).,:;!?])/g, '$1$2')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Where the links of a cell lead. */
export const linkTargets = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(\s*<?((?:\\.|[^()\s>\\]|\([^()]*\))+)/g)].map(([, target = '']) => target);
