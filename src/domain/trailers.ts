/** One `Key: value` line at the end of a commit message. */
export type Trailer = { readonly key: string; readonly value: string };

/**
 * A message with one more trailer, as `git interpret-trailers --no-divider` adds it: to the trailers that the last
 * paragraph is, else as a paragraph of its own, and not twice in a row. The message ends with one newline.
 */
export function withTrailer(message: string, key: string, value: string): string {
  const text = message.replace(/\s+$/, '');
  const trailer = `${key}: ${value}`;
  if (text === '') return `\n${trailer}\n`;
  const { head, block } = splitTrailers(text);
  if (block === '') return `${head}\n\n${trailer}\n`;
  const [last] = trailersIn(block.slice(block.lastIndexOf('\n') + 1));
  const isThere = last?.key.toLowerCase() === key.toLowerCase() && last.value === value;
  return isThere ? `${text}\n` : `${text}\n${trailer}\n`;
}

/** The trailers of a message; values that go on in the next line are joined. */
export const trailersOf = (message: string): readonly Trailer[] =>
  trailersIn(splitTrailers(message.replace(/\s+$/, '')).block);

function trailersIn(block: string): Trailer[] {
  const found: { key: string; value: string }[] = [];
  for (const line of block.split('\n')) {
    const [, key, value = ''] = /^([A-Za-z0-9-]+)[ \t]*:(.*)$/.exec(line) ?? [];
    const last = found.at(-1);
    if (key !== undefined) found.push({ key, value: value.trim() });
    else if (/^\s/.test(line) && last !== undefined) last.value = `${last.value} ${line.trim()}`;
  }
  return found;
}

/** Lines that git itself writes: with one of them, a quarter of the paragraph need be trailers. */
const generated = ['Signed-off-by: ', '(cherry picked from commit '];

/**
 * Where git (2.39) sees the trailers of a message begin: in its last paragraph, which is not its first, when all
 * lines are trailers, or one is of git's own and at least a quarter are.
 */
function splitTrailers(text: string): { readonly head: string; readonly block: string } {
  const lines = text.split('\n');
  const isBlank = (line: string | undefined) => line !== undefined && /^\s*$/.test(line);
  const titleEnd = lines.findIndex(isBlank);
  const none = { head: text, block: '' };
  if (titleEnd === -1) return none;
  let trailers = 0;
  let others = 0;
  let continuations = 0;
  let isGenerated = false;
  for (let at = lines.length - 1; at >= titleEnd; at--) {
    const line = lines[at] ?? '';
    if (isBlank(line)) {
      others += continuations;
      const isBlock = isGenerated ? trailers * 3 >= others : trailers > 0 && others === 0;
      if (!isBlock) return none;
      return { head: lines.slice(0, at).join('\n'), block: lines.slice(at + 1).join('\n') };
    }
    if (generated.some((prefix) => line.startsWith(prefix))) isGenerated = true;
    else if (/^\s/.test(line)) {
      continuations += 1;
      continue;
    } else if (!/^[A-Za-z0-9-]+[ \t]*:/.test(line)) {
      others += 1 + continuations;
      continuations = 0;
      continue;
    }
    trailers += 1;
    continuations = 0;
  }
  return none;
}
