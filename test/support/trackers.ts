import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Every Markdown file of the fixtures: `[name, text]`. */
export const realTrackers: [string, string][] = ['worktracker', 'merge-cases'].flatMap((folder) =>
  readdirSync(join(fixtures, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path): [string, string] => [relative(fixtures, path), readFileSync(path, 'utf8')]),
);

export const realTracker = (part: string): string => {
  const found = realTrackers.find(([name]) => name.includes(part));
  if (found === undefined) throw new Error(`no fixture is called ${part}`);
  return found[1];
};

const prose = fc.constantFrom(
  'Some prose with a | pipe.',
  '',
  '---',
  '- a list',
  '> quoted',
  '```\n| ID | Status |\n|----|--------|\n| X | done |\n```',
  '<!--\n| ID | Status |\n|---|---|\n| Y | done |\n-->',
  '**Bold caption:**',
);
const heading = fc.constantFrom(
  '# One',
  '## Two',
  '### PHASE-03: Three (PENDING)',
  'Setext\n======',
  '## 日本',
);
const id = fc.constantFrom(
  'WI-001',
  'WI-002',
  '`WI-003`',
  '[BUG-001](a/EN-1-x/b.md)',
  '[BUG-001](a/EN-2-y/b.md)',
  '~~WI-9~~',
  'Phase 0: Research',
  '作業-1',
  'a\\|b',
);
const text = fc.constantFrom('a title', 'é 日本語', '`x \\| y`', 'with `code`', '', '-', '✅', '**bold**');
const status = fc.constantFrom(
  'PENDING',
  'COMPLETED',
  'done',
  '✅ DONE',
  '🔄 IN PROGRESS',
  '[in_progress](x.md)',
  'blocked (waits for WI-1)',
  '**✅ Done**',
  '`pending`',
  'Won’t fix',
  'something odd \\| else',
  '—',
  '進行中',
);
const gap = fc.constantFrom(' ', '', '  ');

const row = (cells: readonly fc.Arbitrary<string>[], isOpen: boolean) =>
  fc.tuple(...cells, gap, gap).map((parts) => {
    const [left = '', right = ''] = parts.slice(-2) as string[];
    const body = (parts.slice(0, -2) as string[]).map((cell) => `${left}${cell}${right}`).join('|');
    return isOpen ? body : `|${body}|`;
  });

const table = fc
  .record({
    isOpen: fc.boolean(),
    columns: fc.constantFrom(
      ['ID', 'Title', 'Status'],
      ['Status', 'ID', 'Name'],
      ['Sub-ID', 'Title', 'Status', 'Parent'],
      ['#', 'Project ID', 'Status'],
    ),
    count: fc.integer({ min: 0, max: 5 }),
    dashes: fc.constantFrom('---', ':---', '---:', ':-:'),
  })
  .chain(({ isOpen, columns, count, dashes }) => {
    const cells = columns.map((name) => (/status/i.test(name) ? status : /id|#/i.test(name) ? id : text));
    const wrap = (names: readonly string[]) => (isOpen ? names.join(' | ') : `| ${names.join(' | ')} |`);
    return fc
      .array(row(cells, isOpen), { minLength: count, maxLength: count })
      .map((rows) => [wrap(columns), wrap(columns.map(() => dashes)), ...rows].join('\n'));
  });

const history = fc
  .record({
    columns: fc.constantFrom(
      ['Date', 'Author', 'Change'],
      ['Date', 'Change', 'Author'],
      ['Date', 'Item', 'Event'],
    ),
    dates: fc.array(fc.constantFrom('2026-01-12', '2026-02-03', '2026-01-12 10:00'), { maxLength: 3 }),
  })
  .map(({ columns, dates }) =>
    [
      '## History',
      '',
      `| ${columns.join(' | ')} |`,
      `|${columns.map(() => '---').join('|')}|`,
      ...dates.map((date) => `| ${date} | ${columns.slice(1).join(' | ')} |`),
    ].join('\n'),
  );

/** Markdown with prose, code, tables of several shapes, sometimes a history, CRLF, a BOM or no newline at the end. */
export const trackerTexts: fc.Arbitrary<string> = fc
  .record({
    parts: fc.array(fc.oneof(prose, heading, table, table), { maxLength: 8 }),
    log: fc.option(history, { nil: undefined }),
    isLogFirst: fc.boolean(),
    ending: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('\n', '', '\n\n'),
    bom: fc.constantFrom('', '', '\ufeff'),
  })
  .map(({ parts, log, isLogFirst, ending, end, bom }) => {
    const all = log === undefined ? parts : isLogFirst ? [log, ...parts] : [...parts, log];
    return bom + (all.join('\n\n') + end).replaceAll('\n', ending);
  });
