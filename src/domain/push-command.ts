/** Words that may stand before the command that counts: of the shell's grammar, and programs that run another. */
const before = new Set(
  'if then else elif do while until ! { time command builtin exec nohup env sudo nice timeout'.split(' '),
);
const shells = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh']);
/** git's own options that take a word of their own; the others are one word. */
const withValue = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--config-env']);
const pushes = new Set(['push', 'send-pack', 'http-push']);

const nameOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/**
 * Whether a shell command line plainly runs a push: `git push` with options of git before it, `git send-pack`, also
 * in a list, behind `env` or in `sh -c '…'`. A guard against accidents: whoever hides it is not found out, and what
 * only mentions the word is let through.
 */
export const isPush = (script: string, depth = 3): boolean =>
  simpleCommands(script).some((words) => isPushOf(words, depth));

function isPushOf(words: readonly string[], depth: number): boolean {
  let at = 0;
  for (let wrapped = false; at < words.length; at++) {
    const word = words[at] ?? '';
    if (before.has(nameOf(word))) wrapped = true;
    else if (!/^\w+=/.test(word) && !(wrapped && /^[-\d]/.test(word))) break;
  }
  const [program = '', ...rest] = words.slice(at);
  const name = nameOf(program);
  if (name === 'git') return pushes.has(subcommandOf(rest) ?? '');
  if (name.startsWith('git-')) return pushes.has(name.slice('git-'.length));
  if (depth === 0) return false;
  if (name === 'eval') return isPush(rest.join(' '), depth - 1);
  if (!shells.has(name)) return false;
  const option = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  return option !== -1 && isPush(rest[option + 1] ?? '', depth - 1);
}

function subcommandOf(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (withValue.has(word)) at++;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
}

/**
 * The simple commands of a shell script as words without their quotes; of substitutions those outside of quotes. The
 * bodies of here-documents and comments are left out.
 */
export function simpleCommands(script: string): string[][] {
  const commands: string[][] = [];
  const pending: string[] = []; // delimiters of here-documents that begin after this line
  let words: string[] = [];
  let word: string | undefined;
  let isDelimiter = false;
  const endWord = () => {
    if (word !== undefined && isDelimiter) pending.push(word);
    else if (word !== undefined) words.push(word);
    if (word !== undefined) isDelimiter = false;
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < script.length; at++) {
    const character = script[at] ?? '';
    if (character === '\\') {
      at++;
      if (script[at] !== '\n') word = (word ?? '') + (script[at] ?? '');
    } else if (character === "'" || character === '"') {
      const end = closing(script, at);
      const inner = script.slice(at + 1, end);
      word = (word ?? '') + (character === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner);
      at = end;
    } else if (character === '#' && word === undefined) {
      at = lineEnd(script, at) - 1;
    } else if (script.startsWith('<<', at) && script[at + 2] !== '<') {
      endWord();
      isDelimiter = true;
      at += script[at + 2] === '-' ? 2 : 1;
    } else if (character === '<' || character === '>') {
      endWord();
      while ('<>&|'.includes(script[at + 1] ?? ' ')) at++; // of `2>&1` and `>|` nothing ends the command
    } else if (character === '\n') {
      endCommand();
      for (const delimiter of pending.splice(0)) at = bodyEnd(script, at, delimiter);
    } else if (';&|()`'.includes(character)) {
      endCommand();
    } else if (/\s/.test(character)) {
      endWord();
    } else {
      word = (word ?? '') + character;
    }
  }
  endCommand();
  return commands;
}

/** Where the quote that opens at `open` closes. */
function closing(script: string, open: number): number {
  const quote = script[open];
  for (let at = open + 1; at < script.length; at++) {
    if (quote === '"' && script[at] === '\\') at++;
    else if (script[at] === quote) return at;
  }
  return script.length;
}

function lineEnd(script: string, from: number): number {
  const end = script.indexOf('\n', from);
  return end === -1 ? script.length : end;
}

/** The end of the line that closes a here-document whose body begins after the newline at `from`. */
function bodyEnd(script: string, from: number, delimiter: string): number {
  for (let start = from + 1; start < script.length; ) {
    const end = lineEnd(script, start);
    if (script.slice(start, end).replace(/^\t+/, '') === delimiter) return end;
    start = end + 1;
  }
  return script.length;
}
