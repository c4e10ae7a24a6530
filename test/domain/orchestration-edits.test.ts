import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { dataOf } from '../../src/domain/yaml-tree.ts';
import { pictured, planned, rootOf, setExactly } from '../support/orchestration.ts';

const word = fc.constantFrom(
  'PENDING',
  'complete',
  'Läuft noch',
  'DONE ✅',
  'IN_PROGRESS',
  "it's",
  'a "b" c',
  '完了',
  'x#y',
  '7up',
);
const gap = fc.constantFrom('', '', ' # status: no', '   # aligned: [', '\t# tab');
const quoted = fc.constantFrom(
  (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`,
  (text: string) => `'${text.replaceAll("'", "''")}'`,
  (text: string) => text,
);
const id = fc.constantFrom('agent-1', 'agent-1', '1', 'a.b', 'a/b', 'ä', '2.0', 'x[1]', 'true');
const extra = fc.constantFrom(
  [],
  ['updated_at: "2026-01-01"'],
  ['updated_at: null  # never', 'started_at:', 'completed_at: ~'],
  ['description: >', '  status: this is text', '', '  # and no comment'],
  ["artifact: 'a/ä.md'   # there"],
  ['note: |-', '    status: "no"'],
  ['completed_at: 2026-01-01', 'completed_at: null'],
  ['inputs: [ {status: x}, [a,  b] ]'],
);

type Agent = {
  id: string;
  word: string;
  quote: (text: string) => string;
  gap: string;
  extra: string[];
  flow: boolean;
};
const agent: fc.Arbitrary<Agent> = fc.record({ id, word, quote: quoted, gap, extra, flow: fc.boolean() });

/** The lines of one agent; in a flow map without what only a block can hold. */
function agentLines({ id, word, quote, gap, extra, flow }: Agent): string[] {
  if (flow)
    return [
      `- {id: "${id}", status: ${/^[\w ]+$/.test(word) ? quote(word) : `"${word.replaceAll('"', '\\"')}"`}  , b: [1,2]}${gap}`,
    ];
  return [
    `- id: ${id}${gap}`,
    `  status:  ${quote(word)}${gap}`,
    ...extra.map((line) => (line === '' ? '' : `  ${line}`)),
  ];
}

const file = fc
  .record({
    workflow: fc.boolean(),
    phases: fc.array(fc.record({ word, agents: fc.array(agent, { maxLength: 3 }), map: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    }),
    crlf: fc.boolean(),
    bom: fc.boolean(),
    end: fc.boolean(),
  })
  .map(({ workflow, phases, crlf, bom, end }) => {
    const indented = (lines: readonly string[], by: string) =>
      lines.map((line) => (line === '' ? '' : by + line));
    const lines = [
      '# comment  ',
      ...(workflow
        ? ['workflow:', '    id: w', '    status: "ACTIVE"   # now', '    updated_at: "2026-01-01T00:00:00Z"']
        : []),
      '',
      'pipelines:',
      '  p_1:',
      '    phases:',
      ...phases.flatMap(({ word, agents, map }, at) => [
        `    - {id: ${at}, status: "${word.replaceAll('"', '\\"')}"}`,
        `    - id: phase ${map ? at : 1} # ${word}`,
        ...(agents.length === 0
          ? ['      agents:']
          : ['      agents:', ...indented(agents.flatMap(agentLines), '        ')]),
        '',
      ]),
      'last: [ a,b ]   # end',
    ];
    return (bom ? '\uFEFF' : '') + lines.join(crlf ? '\r\n' : '\n') + (end ? (crlf ? '\r\n' : '\n') : '');
  });

const differing = (before: string, after: string) => {
  const now = after.split('\n');
  expect(now).toHaveLength(before.split('\n').length);
  return before.split('\n').flatMap((line, index) => (line === now[index] ? [] : [index + 1]));
};

describe('of any file', () => {
  it('the data are what the yaml package reads', () => {
    fc.assert(
      fc.property(file, (text) => {
        expect(dataOf(rootOf(text))).toEqual(parseDocument(text, { uniqueKeys: false }).toJS());
        const { statuses } = pictured(text);
        expect(new Set(statuses.map(({ address }) => address)).size).toBe(statuses.length);
      }),
      { numRuns: 60 },
    );
  });

  it('a status can be set exactly, in one line, and back', () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.constantFrom('DONE', 'half done', 'später', 'no'), (text, at, other) => {
        const { statuses } = pictured(text);
        const chosen = statuses[at % statuses.length];
        if (chosen === undefined || chosen.raw_status === other) return;
        const plan = setExactly(text, chosen.address, other);
        expect(differing(text, plan.text)).toEqual([chosen.line]);
        expect(plan.lines).toEqual([chosen.line]);
        expect(
          pictured(plan.text).statuses.find(({ address }) => address === chosen.address)?.raw_status,
        ).toBe(other);
        expect(setExactly(plan.text, chosen.address, chosen.raw_status ?? '').text).toBe(text);
      }),
      { numRuns: 120 },
    );
  });

  it('a change touches the lines that it names, and no other', () => {
    const status = fc.constantFrom('IN_PROGRESS', 'COMPLETE', 'BLOCKED', 'free: text # here');
    fc.assert(
      fc.property(file, fc.nat(), status, fc.boolean(), (text, at, wanted, note) => {
        const { statuses } = pictured(text);
        const chosen = statuses[at % statuses.length];
        if (chosen === undefined) return;
        const plan = planned(
          text,
          chosen.address,
          wanted,
          note ? { note: 'why: "so"', artifact: 'x/y.md' } : {},
        );
        const named = new Set(plan.lines);
        const kept = plan.text.split('\n').filter((_, index) => !named.has(index + 1));
        let from = 0;
        const old = text.split('\n');
        for (const line of kept) {
          const found = old.indexOf(line, from);
          expect(found, `${JSON.stringify(line)} is new`).toBeGreaterThanOrEqual(from);
          from = found + 1;
        }
        expect(old.length - kept.length).toBeLessThanOrEqual(plan.lines.length);
      }),
      { numRuns: 120 },
    );
  });
});
