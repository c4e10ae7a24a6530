import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../src/domain/tracker/lines.ts';
import { plainText } from '../../../src/domain/tracker/plain.ts';
import { parseTables, rowId } from '../../../src/domain/tracker/table.ts';
import { trackerTexts } from '../../support/trackers.ts';

const cells = (text: string) =>
  parseTables(text).tables.map(({ rows }) => rows.map((row) => row.cells.map((cell) => cell.text)));

describe('the tables of a Markdown text', () => {
  it.each([
    ['no pipes at the ends', 'a | b\n--- | ---\n1 | 2\n', [[['1', '2']]]],
    ['an escaped pipe', '|a|b|\n|-|-|\n|x \\| y|2|\n', [[['x \\| y', '2']]]],
    ['an escaped backslash before a pipe', '|a|b|\n|-|-|\n|x \\\\|2|\n', [[['x \\\\', '2']]]],
    ['a pipe in code that GFM would end the cell at', '|a|b|\n|-|-|\n|`x | y`|2|\n', [[['`x | y`', '2']]]],
    ['too many cells', '|a|b|\n|-|-|\n|1|2|3|\n', [[['1', '2', '3']]]],
    ['too few cells', '|a|b|\n|-|-|\n|1|\n|2\n', [[['1'], ['2']]]],
    [
      'empty cells',
      '|a|b|\n|-|-|\n| | |\n||x|\n',
      [
        [
          ['', ''],
          ['', 'x'],
        ],
      ],
    ],
    ['tabs, alignment and CRLF', '|\ta\t| b |\r\n|:-:|--:|\r\n| 1 |\t2 |\r\n', [[['1', '2']]]],
    ['a block quote', '> | a | b |\n> |---|---|\n> | 1 | 2 |\n', [[['1', '2']]]],
    ['a BOM and no newline at the end', '\ufeff|a|\n|-|\n|x|', [[['x']]]],
    ['one column', '| a |\n|---|\n| x |\ntext\n', [[['x']]]],
    ['fewer dashes than headers', '| a | b |\n|---|\n| 1 | 2 |\n', [[['1', '2']]]],
    ['a fence', '```\n| a |\n|---|\n| x |\n```\n', []],
    ['a fence of tildes with backticks in it', '~~~md\n```\n| a |\n|---|\n~~~\n| b |\n|---|\n', [[]]],
    ['a comment', '<!-- x\n| a |\n|---|\n-->\n', []],
    ['indented code', 'text\n\n    | a |\n    |---|\n', []],
    ['front matter', '---\ntitle: x\nrows: |\n  | a |\n---\n| a |\n|---|\n', [[]]],
    ['a rule and pipes in prose', 'a | b\n\n---\n\nc | d\n', []],
  ])('are found with %s', (_, text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it('stand under their headings, and a bold line above is their caption', () => {
    const text =
      '# A\n\n## `B` *b* ##\n\n|x|\n|-|\n\nC\n---\n\n**EN-1: Tasks** (3):\n\n|y|\n|-|\n\n# D\n|z|\n|-|\n';
    expect(parseTables(text).tables.map(({ headings, caption }) => [...headings, caption])).toEqual([
      ['A', 'B b', undefined],
      ['A', 'C', 'EN-1: Tasks (3)'],
      ['D', undefined],
    ]);
  });

  it('have rows after blank lines too, until another table or another width', () => {
    const text = '|a|b|\n|-|-|\n|1|2|\n\n|3|4|\n\n|5|\n\n|c|d|\n|-|-|\n';
    const [table, other] = parseTables(text).tables;
    expect(table?.rows.map(rowId)).toEqual(['1']);
    expect(table?.strays.map((row) => [row.line, rowId(row)])).toEqual([[5, '3']]);
    expect(other?.header.line).toBe(9);
  });

  it('tell exactly where every cell stands', () => {
    fc.assert(
      fc.property(trackerTexts, (text) => {
        const { tables, lines } = parseTables(text);
        for (const { header, delimiter, rows, strays } of tables)
          for (const row of [header, delimiter, ...rows, ...strays]) {
            expect(lines[row.line - 1]).toMatchObject({ end: row.end });
            for (const cell of row.cells) {
              expect(text.slice(cell.textStart, cell.textEnd)).toBe(cell.text);
              expect(cell.start).toBeGreaterThanOrEqual(row.start);
              expect(cell.end).toBeLessThanOrEqual(row.end);
              expect(text.slice(cell.start, cell.end).trim()).toBe(cell.text);
            }
          }
      }),
    );
  });

  it('are read from any text, whose lines together are the text', () => {
    const piece = fc.constantFrom(
      '|',
      '-',
      '\n',
      '\r',
      '`',
      '\\',
      ' ',
      '#',
      '>',
      '~~~',
      '<!--',
      'a',
      '\t',
      '---',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        parseTables(text);
        const whole = linesOf(text).map(({ start, end, ending }) => text.slice(start, end) + ending);
        expect(whole.join('')).toBe(text);
      }),
    );
  });

  it('cost time that grows with the text and not with its square', () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `| WI-${index} | \`a | b\` | done |`);
    const text = [
      '| ID | T | Status |',
      '|---|---|---|',
      ...rows,
      '| '.repeat(100_000),
      '`'.repeat(100_000),
    ].join('\n');
    expect(parseTables(text).tables[0]?.rows).toHaveLength(10_001);
  });
});

describe('what a cell says', () => {
  it.each([
    ['[EPIC-001](./work/a_b_c.md)', 'EPIC-001'],
    ['~~EPIC-005~~', 'EPIC-005'],
    ['`PROJ-001-x`', 'PROJ-001-x'],
    ['**WT-Main**', 'WT-Main'],
    ['*(legacy)*', '(legacy)'],
    ['snake_case_name and a*b*c', 'snake_case_name and a*b*c'],
    ['a \\| b \\_c', 'a | b _c'],
    ['[x](a(b).md) <br> y', 'x y'],
    ['**[A-1](u)** _why_', 'A-1 why'],
  ])('%s is %s', (markdown, plain) => {
    expect(plainText(markdown)).toBe(plain);
  });
});
