/** One place of a pattern: a character, any but `/`, any run of those, or one of a set. */
type Token =
  | { readonly kind: 'character'; readonly of: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'run' }
  | { readonly kind: 'set'; readonly holds: (character: string) => boolean };

/** What stands between two `/`: a pattern for one name, or `**` for any number of them. */
type Segment = readonly Token[] | '**';

/**
 * The matcher of globs as git's pathspecs with `:(glob)` have them, from the top of the repository: `*`, `?` and
 * `[a-z]`, `[!a-z]`, `[[:digit:]]` stay within one name, a double star between slashes is any number of folders, and
 * a path that is named as it is stands for everything below it too. A malformed pattern matches only its own text.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const compiled = globs.map((glob) => ({ glob, segments: segmentsOf(glob) }));
  return (path) => {
    if (path === '') return false;
    const names = path.split('/').map((name) => [...name]);
    return compiled.some(
      ({ glob, segments }) =>
        isOrHolds(glob, path) || (segments !== undefined && matchesPath(segments, names)),
    );
  };
}

const isOrHolds = (named: string, path: string): boolean =>
  path === named || path.startsWith(named.endsWith('/') ? named : `${named}/`);

/** `undefined` for a pattern that nothing can match: a set without its end, a backslash at the end. */
function segmentsOf(glob: string): Segment[] | undefined {
  const characters = [...glob];
  const segments: Token[][] = [[]];
  const add = (token: Token) => segments.at(-1)?.push(token);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '/') segments.push([]);
    else if (character === '?') add({ kind: 'any' });
    else if (character === '*') add({ kind: 'run' });
    else if (character === '[') {
      const set = setAt(characters, at);
      if (set === undefined) return undefined;
      add(set.token);
      at = set.end;
    } else {
      const of = character === '\\' ? characters[++at] : character;
      if (of === undefined) return undefined;
      if (of === '/') segments.push([]);
      else add({ kind: 'character', of });
    }
  }
  return segments.map((tokens) =>
    tokens.length >= 2 && tokens.every(({ kind }) => kind === 'run') ? '**' : tokens,
  );
}

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** The set that begins at a `[`, and where it ends; a `]` in front is one of its characters. */
function setAt(
  characters: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | undefined {
  let at = start + 1;
  const isNegated = characters[at] === '!' || characters[at] === '^';
  if (isNegated) at++;
  const tests: ((character: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || characters[at] !== ']'; isFirst = false, at++) {
    const named = /^\[:([a-z]+):\]/.exec(characters.slice(at, at + 12).join(''));
    if (named !== null) {
      const pattern = classes[named[1] ?? ''];
      if (pattern === undefined) return undefined;
      tests.push((character) => pattern.test(character));
      at += named[0].length - 1;
      continue;
    }
    if (characters[at] === '\\') at++;
    const from = characters[at];
    if (from === undefined) return undefined;
    if (characters[at + 1] === '-' && characters[at + 2] !== ']' && characters[at + 2] !== undefined) {
      at += characters[at + 2] === '\\' ? 3 : 2;
      const to = characters[at];
      if (to === undefined) return undefined;
      tests.push((character) => order(from) <= order(character) && order(character) <= order(to));
    } else tests.push((character) => character === from);
  }
  const holds = (character: string) => tests.some((test) => test(character)) !== isNegated;
  return { token: { kind: 'set', holds }, end: at };
}

const order = (character: string): number => character.codePointAt(0) ?? 0;

/** Whether a path matches from its first name to its last; as many steps as pattern times path at most. */
function matchesPath(segments: readonly Segment[], names: readonly (readonly string[])[]): boolean {
  // `reached[n]`: the segments so far can stand for the first n names.
  let reached = [true, ...names.map(() => false)];
  for (const [index, segment] of segments.entries()) {
    if (segment !== '**') {
      reached = [false, ...names.map((name, at) => reached[at] === true && matchesName(segment, name))];
      continue;
    }
    // At the end it stands for what is below a folder, so for one name at least.
    const least = index === segments.length - 1 ? 1 : 0;
    const first = reached.indexOf(true);
    reached = reached.map((_, at) => first !== -1 && at >= first + least);
  }
  return reached.at(-1) === true;
}

/** Whether tokens match a name: a run that proves too short is made longer, and only the last one needs that. */
function matchesName(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at] = [0, 0];
  let [run, from] = [-1, 0];
  while (at < name.length) {
    const next = tokens[token];
    if (next?.kind === 'run') {
      [run, from] = [token++, at];
    } else if (next !== undefined && matchesOne(next, name[at] ?? '')) {
      token++;
      at++;
    } else if (run !== -1) {
      token = run + 1;
      at = ++from;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'run');
}

const matchesOne = (token: Token, character: string): boolean =>
  token.kind === 'any' ||
  (token.kind === 'character' && token.of === character) ||
  (token.kind === 'set' && token.holds(character));
