import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { findItem } from '../../src/domain/orchestration/addresses.ts';
import { itemsOf } from '../../src/domain/orchestration/items.ts';
import { dataOf } from '../../src/domain/yaml-tree.ts';
import { pictured, planned, rootOf, setExactly } from '../support/orchestration.ts';
import { generatedFile } from '../support/orchestration-files.ts';

const differing = (before: string, after: string) => {
  const now = after.split('\n');
  expect(now).toHaveLength(before.split('\n').length);
  return before.split('\n').flatMap((line, index) => (line === now[index] ? [] : [index + 1]));
};
const read = (text: string): unknown => parseDocument(text, { uniqueKeys: false }).toJS();

/** Where two data differ: the keys on the way, and both values. */
function differences(
  a: unknown,
  b: unknown,
  way: readonly string[] = [],
): { way: readonly string[]; after: unknown }[] {
  if (Object.is(a, b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [{ way, after: b }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) =>
    differences((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], [...way, key]),
  );
}

const texts = fc.constantFrom(
  ...[
    'DONE',
    'half done',
    'später ✅',
    'no',
    'half: way',
    '# x',
    "it's",
    '"q"',
    '1.0',
    'null',
    '~',
    'yes',
    '',
    'x, y',
    '{a}',
    'true',
  ],
);

describe('of any file', () => {
  it('the data are what the yaml package reads, and every status in it is found', () => {
    fc.assert(
      fc.property(generatedFile, ({ text, raws }) => {
        expect(dataOf(rootOf(text))).toEqual(read(text));
        const { statuses } = pictured(text);
        expect(statuses.map(({ raw_status: raw }) => raw).sort()).toEqual([...raws].sort());
        expect(new Set(statuses.map(({ address }) => address)).size).toBe(statuses.length);
        const items = itemsOf(rootOf(text), text);
        for (const { address, line } of statuses) {
          const found = findItem(items, address, 'file');
          expect([
            found.address,
            pictured(text).statuses.find((each) => each.address === found.address)?.line,
          ]).toEqual([address, line]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a status can be set exactly, in one line, and back', () => {
    fc.assert(
      fc.property(generatedFile, fc.nat(), texts, ({ text }, at, other) => {
        const { statuses } = pictured(text);
        const chosen = statuses[at % statuses.length];
        const raw = chosen?.raw_status ?? '';
        if (chosen === undefined || raw.replace(/\n$/, '') === other) return;
        // A block cannot hold a line of nothing.
        if (other === '' && /status: [|>]/.test(text.split('\n')[chosen.line - 1] ?? '')) return;
        const plan = setExactly(text, chosen.address, other);
        const changed = differing(text, plan.text);
        expect(plan.lines).toEqual(changed);
        expect(changed).toHaveLength(1);
        const [difference, ...more] = differences(read(text), read(plan.text));
        expect(more).toEqual([]);
        expect(String(difference?.after).trim()).toBe(other);
        expect(difference?.after).toBeTypeOf('string');
        expect(setExactly(plan.text, chosen.address, raw).text).toBe(text);
      }),
      { numRuns: 120 },
    );
  });

  it('a change touches the values that it names, and no other', () => {
    const status = fc.constantFrom('IN_PROGRESS', 'COMPLETE', 'BLOCKED', 'free: text # here');
    fc.assert(
      fc.property(generatedFile, fc.nat(), status, fc.boolean(), ({ text }, at, wanted, note) => {
        const { statuses } = pictured(text);
        const chosen = statuses[at % statuses.length];
        if (chosen === undefined) return;
        const hasRoom = itemsOf(rootOf(text), text).some(
          ({ address, map, entry }) =>
            address === chosen.address && map.entries.some((each) => each === entry),
        );
        const more = note && hasRoom ? { note: 'why: "so"', artifact: 'x/y.md' } : {};
        const plan = planned(text, chosen.address, wanted, more);
        const found = differences(read(text), read(plan.text));
        const key = ({ way }: { way: readonly string[] }) => way.at(-1) ?? '';
        const times = /^(?:updated|started|completed)_at$/;
        const own = found.filter((each) => !times.test(key(each)));
        const allowed = hasRoom ? ['status', 'note', 'artifact'] : [chosen.id];
        expect(own.filter((each) => !allowed.includes(key(each)))).toEqual([]);
        expect(own.filter((each) => key(each) === 'status').length).toBeLessThanOrEqual(1);
        for (const { after } of found) expect(after).toBeTypeOf('string');
        const kept = plan.text.split('\n').filter((_, index) => !plan.lines.includes(index + 1));
        let from = 0;
        const old = text.split('\n');
        for (const line of kept) {
          const place = old.indexOf(line, from);
          expect(place, `${JSON.stringify(line)} is new`).toBeGreaterThanOrEqual(from);
          from = place + 1;
        }
        expect(old.length - kept.length).toBeLessThanOrEqual(plan.lines.length);
      }),
      { numRuns: 80 },
    );
  });
});
