/** Files that are odd or broken, by what is odd about them. */
const base = 'agents:\n  - id: a\n    status: TODO\n  - id: b\n    status: DONE\n';

/** What `set a DONE` makes of a file: the new line, numbered, or the code of the refusal and what it says. */
export type Expected =
  | { readonly line: number; readonly now: string; readonly address?: string }
  | { readonly code: string; readonly exit: number; readonly says: RegExp; readonly line?: number };
export type OddFile = {
  readonly name: string;
  readonly content: string | Buffer;
  readonly address?: string;
  readonly status?: string;
  readonly flags?: readonly string[];
  readonly expected: Expected;
};

const broken = (says: RegExp, line?: number): Expected => ({
  code: 'command_failed',
  exit: 1,
  says,
  ...(line === undefined ? {} : { line }),
});
const absent = { code: 'address_not_found', exit: 5, says: /has nothing at 'a'/ } as const;
const set = (line: number, now: string): Expected => ({ line, now });

/** Nine lists of nine aliases each of the one before: 350 million nodes when written out. */
function aliasBomb(): string {
  const names = [...'abcdefghij'];
  const lists = names.map((name, at) => {
    const before = names[at - 1];
    return `${name}: &${name} [${Array(9)
      .fill(before === undefined ? 'x' : `*${before}`)
      .join(',')}]\n`;
  });
  return lists.join('') + base;
}

export const oddFiles: readonly OddFile[] = [
  {
    name: 'a tab that indents',
    content: 'agents:\n  - id: a\n\tstatus: TODO\n',
    expected: broken(/a tab in the indentation/, 3),
  },
  {
    name: 'tabs within lines',
    content: 'agents:\n  - id:\ta\n    status:\tTODO\t# x\n',
    expected: set(3, '    status:\tDONE\t# x'),
  },
  { name: 'a byte order mark', content: `\ufeff${base}`, expected: set(3, '    status: DONE') },
  { name: 'UTF-16', content: Buffer.from(`\ufeff${base}`, 'utf16le'), expected: broken(/is not UTF-8/) },
  {
    name: 'latin-1',
    content: Buffer.from('agents:\n  - id: \xe4\n', 'latin1'),
    expected: broken(/is not UTF-8/),
  },
  { name: 'CRLF', content: base.replaceAll('\n', '\r\n'), expected: set(3, '    status: DONE\r') },
  {
    name: 'two kinds of line ends',
    content: base.replace('TODO\n', 'TODO\r\n'),
    expected: set(3, '    status: DONE\r'),
  },
  {
    name: 'no newline at the end',
    content: 'agents:\n  - id: a\n    status: TODO',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'the markers of a merge',
    content: 'agents:\n  - id: a\n<<<<<<< HEAD\n    status: TODO\n=======\n    status: DONE\n>>>>>>> x\n',
    expected: broken(/a conflict marker/, 3),
  },
  {
    name: 'two documents',
    content: `${base}---\nagents: []\n`,
    expected: broken(/a second document begins/, 6),
  },
  { name: 'one document with its marks', content: `---\n${base}...\n`, expected: set(4, '    status: DONE') },
  {
    name: 'an alias for a status',
    content: 'x: &s TODO\nagents:\n  - id: a\n    status: *s\n',
    expected: set(4, '    status: DONE'),
  },
  {
    name: 'a status that an alias stands for',
    content: 'agents:\n  - id: a\n    status: &s TODO\n  - id: b\n    status: *s\n',
    expected: broken(/cannot be changed at a alone/),
  },
  {
    name: 'aliases that stand for a billion',
    content: aliasBomb(),
    expected: broken(/aliases stand for too much/),
  },
  {
    name: 'an alias of what it is in',
    content: `a: &a [*a]\n${base}`,
    expected: broken(/stands for what it is in/, 1),
  },
  {
    name: '10 MB',
    content: `${base}${'# a comment that says nothing\n'.repeat(350_000)}`,
    expected: broken(/is too large: 10.5 MB/),
  },
  {
    name: '5,000 brackets',
    content: `${base}x: ${'['.repeat(5000)}${']'.repeat(5000)}\n`,
    expected: broken(/nested too deeply/, 6),
  },
  {
    name: '5,000 brackets that are open',
    content: `${base}x: ${'['.repeat(5000)}\n`,
    expected: broken(/nested too deeply/, 6),
  },
  {
    name: '5,000 maps in each other',
    content: `${base}x: ${'{a: '.repeat(5000)}${'}'.repeat(5000)}\n`,
    expected: broken(/nested too deeply/, 6),
  },
  {
    name: '5,000 dashes',
    content: `${base}x:\n  ${'- '.repeat(5000)}x\n`,
    expected: broken(/nested too deeply/, 7),
  },
  {
    name: 'the status twice',
    content:
      'agents:\n  - id: a\n    status: "TODO"\n    # again\n    status: TODO\nagents:\n  - id: a\n    status: TODO # x\n    "status": TODO\n',
    expected: set(9, '    "status": DONE'),
  },
  {
    name: 'the id twice in a list',
    content: 'agents:\n  - {id: a, status: TODO}\n  - {id: a, status: TODO}\n',
    expected: { code: 'ambiguous_address', exit: 2, says: /a\[1\], a\[2\]/ },
  },
  {
    name: 'a status in a block',
    content: 'agents:\n  - id: a\n    status: |\n      TODO\n    x: 1\n',
    expected: set(4, '      DONE'),
  },
  {
    name: 'a status in a folded block of two lines',
    content: 'agents:\n  - id: a\n    status: >-\n      in\n      progress\n    x: 1\n',
    status: 'COMPLETE',
    expected: set(3, '    status: complete'),
  },
  {
    name: 'flow maps',
    content: 'agents: [{status: TODO, id: a}, {"status":"TODO","id":"b"}]\n',
    expected: set(1, 'agents: [{status: DONE, id: a}, {"status":"TODO","id":"b"}]'),
  },
  {
    name: 'JSON',
    content: '{"agents": [{"id": "a", "status": "TODO"}]}',
    flags: ['--note', 'x'],
    expected: set(1, '{"agents": [{"id": "a", "status": "DONE", "note": "x"}]}'),
  },
  {
    name: 'a key with dots and slashes',
    content: 'agents:\n  x.y/z:\n    status: TODO\n',
    address: 'x.y/z',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'an empty key',
    content: 'agents:\n  "":\n    status: TODO\n',
    address: '',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a key with spaces at its ends',
    content: 'agents:\n  " a ":\n    status: TODO\n',
    address: ' a ',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a key that ends in a slash',
    content: 'agents:\n  a/:\n    status: TODO\n',
    address: 'a/',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a key like a flag',
    content: 'agents:\n  "-n":\n    status: TODO\n',
    address: '-n',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a numeric id',
    content: 'phases:\n  - id: 1\n    agents:\n      - id: 007\n        status: TODO\n',
    address: '1/007',
    expected: set(5, '        status: DONE'),
  },
  {
    name: 'a status that is a number',
    content: 'agents:\n  - id: a\n    status: 1.0\n',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a status with a tag',
    content: 'agents:\n  - id: a\n    status: !!int 3\n',
    expected: set(3, '    status: DONE'),
  },
  {
    name: 'a status without a value',
    content: 'agents:\n  - id: a\n    status:   # when?\n',
    expected: set(3, '    status: DONE   # when?'),
  },
  {
    name: 'a status that is a map',
    content: 'agents:\n  - id: a\n    status: {now: TODO}\n',
    expected: { code: 'address_not_found', exit: 5, says: /'a' has no status/ },
  },
  { name: 'agents without a value', content: 'agents:\n', expected: absent },
  { name: 'agents that are null', content: 'agents: ~\n', expected: absent },
  { name: 'nothing', content: '', expected: absent },
  { name: 'only a comment', content: '# later\n', expected: absent },
  { name: 'only text', content: 'just text\n', expected: absent },
  { name: 'a list', content: '- 1\n', expected: absent },
  {
    name: 'a quote that never ends',
    content: 'agents:\n  - id: a\n    status: "TODO\n',
    expected: broken(/not valid YAML/),
  },
  {
    name: 'a key that JavaScript has itself',
    content: '__proto__:\n  agents:\n    - id: a\n      status: TODO\n',
    expected: { ...set(4, '      status: DONE'), address: '__proto__/a' },
  },
  {
    name: 'a control sequence in an id',
    content: 'agents:\n  "\\e[31mred":\n    status: TODO\n',
    address: 'red',
    expected: { code: 'address_not_found', exit: 5, says: /has nothing at 'red'/ },
  },
];
