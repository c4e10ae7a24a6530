import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeConflict, type RowMerge } from '../../../src/domain/rows/conflict.ts';
import type { Three } from '../../../src/domain/rows/lines.ts';
import { mergeDifferent, mergeRows } from '../../../src/domain/rows/merge.ts';

const mergeCase = (name: string) => {
  const read = (version: string) =>
    readFileSync(new URL(`../../fixtures/merge-cases/${name}/${version}.md`, import.meta.url), 'utf8');
  return { base: read('base'), ours: read('ours'), theirs: read('theirs'), human: read('human') };
};

/** A table of ids, states and owners under a heading. */
const table = (rows: readonly string[], heading = 'Work') =>
  [`## ${heading}`, '', '| ID | Status | Owner |', '|----|--------|-------|', ...rows, ''].join('\n');
const merged = (texts: Three<string>) => {
  const result = mergeRows(texts);
  return result.kind === 'merged' ? result.text : result;
};
const told = (result: RowMerge) =>
  result.kind === 'conflicts' ? result.conflicts.map(describeConflict) : [result.kind];

describe('real merges', () => {
  it('that added rows on both sides come out as the person committed them, byte for byte', () => {
    const { human, ...texts } = mergeCase('d599399ea__projects__README.md');
    expect(merged(texts)).toBe(human);
  });

  it('that completed a different phase each get both, of which the person lost one', () => {
    const { base, ours, theirs } = mergeCase('74c99a796__projects__PROJ-004-jerry-config__WORKTRACKER.md');
    const lines = String(merged({ base, ours, theirs })).split('\n');
    const before = new Set(base.split('\n'));
    const gone = (side: string) => [...before].filter((line) => !side.split('\n').includes(line));
    for (const side of [ours, theirs])
      for (const line of side.split('\n')) if (!before.has(line)) expect(lines).toContain(line);
    for (const line of [...gone(ours), ...gone(theirs)]) expect(lines).not.toContain(line);
    expect(lines.filter((line) => line.includes('[PHASE-0') && line.includes('| COMPLETED |'))).toHaveLength(
      5,
    );
  });

  it('that changed more than rows come to a person, who is told which row it is', () => {
    const { base, ours, theirs } = mergeCase('c6ab784b8__projects__PROJ-001-oss-release__WORKTRACKER.md');
    const result = mergeRows({ base, ours, theirs });
    expect(result.kind).toBe('conflicts');
    expect(told(result)).toEqual([
      expect.stringMatching(/^line 65 of theirs: BUG-004 under "Completed": one side changed it/),
    ]);
  });
});

describe('a merge of rows', () => {
  const base = table(['| A-1 | open | ada |', '| A-2 | open | bob |', '| A-3 | open | cy |']);

  it('takes changed cells of one row from both sides, and neighbouring rows from each', () => {
    const ours = base.replace('A-1 | open', 'A-1 | done').replace('A-2 | open', 'A-2 | done');
    const theirs = base.replace('| ada', '| eve').replace('A-3 | open', 'A-3 | done');
    const both = table(['| A-1 | done | eve |', '| A-2 | done | bob |', '| A-3 | done | cy |']);
    expect(merged({ base, ours, theirs })).toBe(both);
  });

  it.each([
    [
      'a status that both changed differently',
      'A-1 | done',
      'A-1 | blocked',
      /^line 5 of ours: A-1, Status under "Work": both sides changed it differently \("open" → "done" or "blocked"\)$/,
    ],
    [
      'a row that one changed and the other removed',
      'A-1 | done',
      'A-9 | open',
      /^line 5 of ours: A-1 under "Work": one side changed it, the other removed it$/,
    ],
  ])('leaves %s to a person', (_, one, other, message) => {
    const result = mergeRows({
      base,
      ours: base.replace('A-1 | open', one),
      theirs: base.replace('A-1 | open', other),
    });
    expect(told(result)).toEqual([expect.stringMatching(message)]);
  });

  it('leaves an id that both gave, a row that both renamed, and two new orders to a person', () => {
    const end = '| A-3 | open | cy |\n';
    const added = (row: string) => base.replace(end, `${end}${row}\n`);
    const sides = (ours: string, theirs: string) => told(mergeRows({ base, ours, theirs }));
    expect(sides(added('| A-4 | x | |'), added('| A-4 | y | |'))).toEqual([
      expect.stringMatching(/A-4 .*both sides added it/),
    ]);
    expect(sides(base.replace('A-2', 'B-2'), base.replace('A-2', 'C-2'))).toEqual([
      expect.stringMatching(/A-2 .*took it out/),
    ]);
    const order = (...ids: number[]) => table(ids.map((id) => base.split('\n')[3 + id] ?? ''));
    expect(sides(order(2, 1, 3), order(1, 3, 2))).toEqual([expect.stringMatching(/order of its table/)]);
    expect(merged({ base, ours: order(3, 2, 1), theirs: base.replace('A-2 | open', 'A-2 | done') })).toBe(
      order(3, 2, 1).replace('A-2 | open', 'A-2 | done'),
    );
  });

  it('leaves prose that both changed to a person, and merges what is in different places', () => {
    const text = `intro\n\n${base}\nmiddle\n\n${table(['| B-1 | open | |'], 'Bugs')}\nend\n`;
    const both = mergeRows({
      base: text,
      ours: text.replace('intro', 'one'),
      theirs: text.replace('intro', 'two'),
    });
    expect(told(both)).toEqual(['line 1 of ours: text: both sides changed these lines differently']);
    const ours = text.replace('intro', 'one').replace('B-1 | open', 'B-1 | done');
    expect(
      merged({ base: text, ours, theirs: text.replace('end', 'fin').replace('## Bugs', '## Defects') }),
    ).toBe(ours.replace('end', 'fin').replace('## Bugs', '## Defects'));
  });

  it('takes a renamed heading with changed rows, and leaves a replaced table with changed rows to a person', () => {
    const ours = base.replace('A-1 | open', 'A-1 | done');
    expect(merged({ base, ours, theirs: base.replace('## Work', '## Work (half done)') })).toBe(
      ours.replace('## Work', '## Work (half done)'),
    );
    const wider = base.replace(/\|$/gm, '| x |').replace('-|$', '-|---|');
    expect(told(mergeRows({ base, ours, theirs: wider }))).toEqual([
      expect.stringMatching(/changed its table, the other removed/),
    ]);
    expect(told(mergeRows({ base, ours, theirs: 'nothing\n' }))).toEqual([
      expect.stringMatching(/changed its table, the other removed/),
    ]);
  });

  it('knows rows of a history, whose first cells repeat, by all they say', () => {
    const log = (...events: string[]) => table(events.map((event) => `| 2026-01-12 | ${event} | ada |`));
    const texts = { base: log('a', 'b'), ours: log('a', 'b', 'c', 'd'), theirs: log('a', 'b', 'e', 'c') };
    expect(merged(texts)).toBe(log('a', 'b', 'e', 'c', 'd'));
    const edited = mergeRows({ base: log('a', 'b'), ours: log('a', 'b!'), theirs: log('a', 'b?') });
    expect(told(edited)).toEqual([expect.stringMatching(/2026-01-12 .*took it out/)]);
  });

  it('merges rows that follow a table after blank lines as rows too', () => {
    const log = (...rows: string[]) =>
      `${table(['| a | | |'])}\n${rows.map((row) => `| ${row} | x | |\n`).join('')}`;
    const texts = { base: log('b', 'c'), ours: log('b', 'c', 'd'), theirs: log('b', 'c', 'e') };
    expect(merged(texts)).toBe(log('b', 'c', 'd', 'e'));
    const cells = {
      base: log('b', 'c'),
      ours: log('b', 'c').replace('b | x', 'b | y'),
      theirs: log('b', 'c').replace('c | x', 'c | z'),
    };
    expect(merged(cells)).toBe(cells.ours.replace('c | x', 'c | z'));
    expect(merged({ base: log(), ours: log('b'), theirs: log() })).toBe(log('b'));
  });

  it('puts new rows in the order of their ids, downwards where the table counts down', () => {
    const list = (...ids: string[]) => table(ids.map((id) => `| ${id} | open | |`));
    expect(merged({ base: list('A-8'), ours: list('A-8', 'A-10'), theirs: list('A-8', 'A-9') })).toBe(
      list('A-8', 'A-9', 'A-10'),
    );
    expect(
      merged({
        base: list('A-8', 'A-7'),
        ours: list('A-10', 'A-8', 'A-7'),
        theirs: list('A-9', 'A-8', 'A-7'),
      }),
    ).toBe(list('A-10', 'A-9', 'A-8', 'A-7'));
    expect(merged({ base: list('x'), ours: list('x', 'z'), theirs: list('x', 'y') })).toBe(
      list('x', 'z', 'y'),
    );
  });

  it('takes new spaces from one side and new words from the other, and no table from a code block', () => {
    const aligned = base.replace('| ada |', '| ada   |').replace('| bob |', '| bob   |');
    const ours = base.replace('A-1 | open', 'A-1 | done');
    expect(merged({ base, ours, theirs: aligned })).toBe(aligned.replace('A-1 | open', 'A-1 | done'));
    const fenced = `\`\`\`\n${base}\`\`\`\n`;
    const sides = { ours: fenced.replace('A-1 | open', 'A-1 | done'), theirs: fenced.replace('ada', 'eve') };
    expect(told(mergeRows({ base: fenced, ...sides }))).toEqual([expect.stringMatching(/these lines/)]);
  });

  it('follows the side that changed the ends of lines, and that of the last line', () => {
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    const ours = base.replace('A-1 | open', 'A-1 | done');
    const theirs = base.replace('A-2 | open', 'A-2 | done');
    const both = ours.replace('A-2 | open', 'A-2 | done');
    expect(merged({ base: crlf(base), ours: crlf(ours), theirs: crlf(theirs) })).toBe(crlf(both));
    expect(merged({ base, ours: crlf(ours), theirs })).toBe(crlf(both));
    expect(merged({ base, ours: ours.trimEnd(), theirs })).toBe(both.trimEnd());
  });

  it('refuses binary files, pointers of Git LFS and sides that hold conflict markers', () => {
    const refused = (ours: string) => mergeRows({ base, ours, theirs: `${base}x\n` }).kind;
    expect(refused('a\0b')).toBe('refused');
    expect(refused('version https://git-lfs.github.com/spec/v1\n')).toBe('refused');
    expect(refused(`<<<<<<< HEAD\n${base}`)).toBe('refused');
  });
});

type Work = { readonly id: string; readonly status: string; readonly owner: string };
const word = fc.constantFrom('open', 'done', 'ada', 'bob', '', 'a \\| b');
const prose = fc.constantFrom('text', '', 'more', '> quote', '- item', '---', '| W-4 | x | |', '| | x | y |');
const section = fc.record({
  heading: fc.constantFrom('One', 'Two', 'Three'),
  prose: fc.array(prose, { maxLength: 3 }),
  rows: fc.array(
    fc.record({ id: fc.constantFrom('W-1', 'W-2', 'W-3', 'W-10', ''), status: word, owner: word }),
    { maxLength: 5 },
  ),
});
const rowLine = ({ id, status, owner }: Work) => `| ${id} | ${status} | ${owner} |`;
/** Any text with tables: ids repeat, sections repeat, line ends and the last one vary. */
const anyText = fc
  .tuple(
    fc.array(section, { maxLength: 3 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.array(prose, { maxLength: 2 }),
  )
  .map(([sections, eol, ended, lines]) => {
    const text = [
      ...lines,
      ...sections.flatMap((each) => [
        ...table(each.rows.map(rowLine), each.heading).split('\n'),
        ...each.prose,
      ]),
    ].join(eol);
    return ended && text !== '' ? text + eol : text;
  });

/** A table whose ids are unique, and a side's edit of it: each row stays, changes or goes, and new ones come. */
const fate = fc.constantFrom('stays', 'changes', 'goes', 'stays');
const edits = fc.array(fc.record({ fate, added: fc.nat({ max: 2 }) }), { minLength: 6, maxLength: 6 });
const edited = (
  count: number,
  plan: readonly { fate: string; added: number }[],
  side: 'o' | 't',
  column: 'status' | 'owner',
): Work[] =>
  plan.slice(0, count + 1).flatMap(({ fate, added }, at): Work[] => {
    const own = { id: `W-${at}`, status: 'open', owner: 'ada' };
    const kept = at === 0 || fate === 'goes' ? [] : [fate === 'changes' ? { ...own, [column]: side } : own];
    const fresh = Array.from({ length: added }, (_, n) => ({
      id: `${side}${at}-${n}`,
      status: side,
      owner: side,
    }));
    return [...kept, ...fresh];
  });
const isWithin = (some: readonly string[], all: readonly string[]) => {
  let at = 0;
  for (const one of all) if (one === some[at]) at++;
  return at === some.length;
};
const idsOf = (text: string) => [...text.matchAll(/^\| ([oWt][\d-]+) /gm)].map(([, id = '']) => id);

describe('whatever the texts are', () => {
  it('a side merged with its base gives the other side, and two sides that are the same give that', () => {
    fc.assert(
      fc.property(anyText, anyText, (base, side) => {
        for (const merge of [mergeRows, mergeDifferent]) {
          expect(merge({ base, ours: side, theirs: base })).toEqual({ kind: 'merged', text: side });
          expect(merge({ base, ours: base, theirs: side })).toEqual({ kind: 'merged', text: side });
          expect(merge({ base, ours: side, theirs: side })).toEqual({ kind: 'merged', text: side });
        }
      }),
    );
  });

  it('the sides can change places: the same needs a person, or the same lines come out', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (base, ours, theirs) => {
        const [one, other] = [
          mergeRows({ base, ours, theirs }),
          mergeRows({ base, ours: theirs, theirs: ours }),
        ];
        expect(one.kind).toBe(other.kind);
        if (one.kind === 'merged' && other.kind === 'merged')
          expect(one.text.split(/\r?\n/).sort()).toEqual(other.text.split(/\r?\n/).sort());
      }),
    );
  });

  it('no row and no cell is lost that a side added or changed, none comes twice, and each side finds its order', () => {
    let whole = 0;
    fc.assert(
      fc.property(fc.nat({ max: 5 }), edits, edits, (count, one, two) => {
        const rows = Array.from({ length: count }, (_, at) => ({
          id: `W-${at + 1}`,
          status: 'open',
          owner: 'ada',
        }));
        const [mine, yours] = [edited(count, one, 'o', 'status'), edited(count, two, 't', 'owner')];
        const text = (works: readonly Work[]) => table(works.map(rowLine));
        const result = mergeRows({ base: text(rows), ours: text(mine), theirs: text(yours) });
        const has = (works: readonly Work[], id: string) => works.find((each) => each.id === id);
        if (result.kind !== 'merged') {
          expect(result.kind).toBe('conflicts');
          // only a row that went on one side and changed, or was replaced, on the other
          expect(rows.some(({ id }) => has(mine, id) === undefined || has(yours, id) === undefined)).toBe(
            true,
          );
          return;
        }
        whole++;
        const ids = idsOf(result.text);
        expect(new Set(ids).size).toBe(ids.length);
        const ofBoth = (id: string) =>
          has(rows, id) === undefined || (has(mine, id) !== undefined && has(yours, id) !== undefined);
        const expected = [...new Set([...mine, ...yours].map(({ id }) => id))].filter(ofBoth);
        expect([...ids].sort()).toEqual(expected.sort());
        for (const side of [mine, yours])
          expect(isWithin(side.map(({ id }) => id).filter(ofBoth), ids)).toBe(true);
        for (const id of ids) {
          const status = has(mine, id)?.status ?? has(yours, id)?.status ?? '';
          const owner = has(yours, id)?.owner ?? has(mine, id)?.owner ?? '';
          expect(result.text).toContain(rowLine({ id, status, owner }));
        }
      }),
      { numRuns: 300 },
    );
    expect(whole).toBeGreaterThan(50);
  });
});
