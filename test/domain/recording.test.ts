import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { artifactAmong, plannedArtifact } from '../../src/domain/orchestration/artifact.ts';
import type { Happening } from '../../src/domain/orchestration/recording.ts';
import { changedLines, pictured, realFile, realFiles, recorded, rootOf } from '../support/orchestration.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const began: Happening = { kind: 'began' };
const ended = (
  isComplete: boolean,
  more: Partial<Extract<Happening, { kind: 'ended' }>> = {},
): Happening => ({
  ...{ kind: 'ended', isComplete, began: true, wrote: [] },
  ...more,
});
const conflicts = (paths: readonly string[], branch = 'feat/x'): Happening => ({
  ...{ kind: 'conflicts', branch, target: 'main', paths },
});
const landed = (branch = 'feat/x', id = commit): Happening => ({
  ...{ kind: 'landed', branch, target: 'main', commit: id },
});
const agent = 'pipeline-a/1/agent-a-001';
const template = realFile('TEMPLATE');
const statusIn = (text: string, address = agent) =>
  pictured(text).statuses.find((each) => each.address === address)?.raw_status;
const data = (text: string): unknown => parseDocument(text, { uniqueKeys: false }).toJS();

/** The places where two values differ, as paths; a list that is longer or shorter differs at the items that it has more. */
function differing(a: unknown, b: unknown, path = ''): string[] {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!isMap(a) || !isMap(b) || Array.isArray(a) !== Array.isArray(b)) return Object.is(a, b) ? [] : [path];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    key in a && key in b ? differing(a[key], b[key], `${path}/${key}`) : [`${path}/${key}`],
  );
}

/** The lines of a text without some of them, by their numbers, are lines of the old one in their order. */
function expectKept(before: string, after: string, lines: readonly number[]): void {
  const named = new Set(lines);
  const old = before.split('\n');
  let from = 0;
  for (const line of after.split('\n').filter((_, index) => !named.has(index + 1))) {
    const found = old.indexOf(line, from);
    expect(found, `${JSON.stringify(line)} is new`).toBeGreaterThanOrEqual(from);
    from = found + 1;
  }
}

describe('what happens to an agent', () => {
  it('sets its status from dispatch to landing, and nothing else', () => {
    const at = (text: string, happening: Happening) => recorded(text, 'agent-a-001', happening).text;
    const running = at(template, began);
    expect(changedLines(template, running)).toEqual([21, 101]);
    expect(statusIn(running)).toBe('IN_PROGRESS');
    expect(statusIn(at(running, ended(true)))).toBe('COMPLETE');
    expect(statusIn(at(running, ended(false)))).toBe('FAILED');
    expect(recorded(running, agent, began).edits).toEqual([]);
    const complete = at(running, ended(true));
    expect(recorded(complete, agent, ended(true)).edits).toEqual([]);
    expect(statusIn(at(at(running, ended(false)), began))).toBe('IN_PROGRESS');
  });

  it('leaves alone what somebody else has said meanwhile', () => {
    const running = recorded(template, agent, began).text;
    const said = (status: string) => running.replace('"IN_PROGRESS"', `"${status}"`);
    for (const status of ['SKIPPED', 'CANCELLED', 'BLOCKED', 'FAILED', 'PENDING']) {
      const plan = recorded(said(status), agent, ended(true));
      expect([status, plan.edits, plan.status, plan.denied]).toEqual([status, [], status, 'COMPLETE']);
    }
    expect(recorded(said('COMPLETE'), agent, ended(false))).toMatchObject({ edits: [], denied: 'FAILED' });
    // What wt wrote itself, before it was killed, it may write over.
    expect(statusIn(recorded(said('COMPLETE'), agent, ended(false, { wrote: ['COMPLETE'] })).text)).toBe(
      'FAILED',
    );
    // Where the beginning was not recorded anything that is not an end of its own gives way.
    expect(statusIn(recorded(template, agent, ended(true, { began: false })).text)).toBe('COMPLETE');
    expect(recorded(said('SKIPPED'), agent, ended(true, { began: false })).edits).toEqual([]);
    for (const status of ['FAILED', 'SKIPPED', 'CANCELLED'])
      expect(recorded(said(status), agent, landed())).toMatchObject({ edits: [], denied: 'COMPLETE' });
    for (const status of ['SKIPPED', 'CANCELLED'])
      expect(recorded(said(status), agent, conflicts(['a']))).toMatchObject({ edits: [], denied: 'BLOCKED' });
  });

  it('enters a blocker once, keeps its paths up to date, and moves it to what is resolved', () => {
    const blocked = recorded(template, agent, conflicts(['a.txt']));
    expect(data(blocked.text)).toMatchObject({
      blockers: {
        active: [
          {
            id: 'BLK-001',
            description: 'landing of feat/x on main conflicts in a.txt',
            blocking: ['agent-a-001'],
            severity: 'HIGH',
            created_at: '2026-03-04T05:06:07Z',
          },
        ],
      },
    });
    expect(pictured(blocked.text).blockers).toMatchObject([{ id: 'BLK-001', blocking: ['agent-a-001'] }]);
    expect(recorded(blocked.text, agent, conflicts(['a.txt'])).edits).toEqual([]);
    const again = recorded(blocked.text, agent, conflicts(['a.txt', 'b: #"x".txt']));
    expect(changedLines(blocked.text, again.text)).toHaveLength(1);
    const other = recorded(
      again.text,
      'agent-b-001',
      conflicts(['c', 'd', 'e', 'f', 'g', 'h', 'i'], 'feat/y'),
    );
    expect(pictured(other.text).blockers).toMatchObject([
      { id: 'BLK-001', description: 'landing of feat/x on main conflicts in a.txt, b: #"x".txt' },
      { id: 'BLK-002', description: 'landing of feat/y on main conflicts in c, d, e, f, g and 2 more' },
    ]);
    const first = recorded(other.text, agent, landed());
    expect(data(first.text)).toMatchObject({
      blockers: { active: [{ id: 'BLK-002' }] },
      issues: {
        resolved: [
          { id: 'ISS-001', resolution: 'landed on main (0123456789)', resolved_at: '2026-03-04T05:06:07Z' },
        ],
      },
    });
    const both = recorded(first.text, 'agent-b-001', landed('feat/y', 'f'.repeat(40)));
    expect(data(both.text)).toMatchObject({
      blockers: { active: [] },
      issues: { resolved: [{ id: 'ISS-001' }, { id: 'ISS-002' }] },
      checkpoints: { latest_id: 'CP-002', entries: [{ id: 'CP-001' }, { id: 'CP-002' }] },
      resumption: { recovery_state: { last_checkpoint: 'CP-002' } },
    });
    expect(both.text).toContain('\n  active: []\n  # Example:\n');
    expect(recorded(both.text, 'agent-b-001', landed('feat/y', 'f'.repeat(40))).edits).toEqual([]);
  });

  it('writes as the file does: its keys, its order, its quotes, its times', () => {
    const own = [
      'agents:',
      "- {id: a, status: 'done'}",
      'checkpoints:',
      "- when: 'no'",
      "  summary: 'one'   # first",
      "  created_at: '2026-01-01'",
      '  id: cp_09',
      'blockers:',
      "- {id: B-9, title: x, affects: a, severity: low, date: '2026-01-01'} # mine",
      'after: 1',
      '',
    ].join('\n');
    const landing = recorded(own, 'a', landed());
    expect(landing.text).toBe(
      own.replace(
        'blockers:\n',
        "- summary: 'a landed on main'\n  created_at: '2026-03-04'\n  id: cp_10\nblockers:\n",
      ),
    );
    const blocked = recorded(own, 'a', conflicts(['x']));
    expect(blocked.text).toBe(
      own
        .replace("'done'", "'blocked'")
        .replace(
          '# mine\n',
          "# mine\n- id: B-10\n  title: landing of feat/x on main conflicts in x\n  affects: a\n  severity: high\n  date: '2026-03-04'\n",
        ),
    );
    expect(recorded(blocked.text, 'a', landed()).text).not.toContain('conflicts');
  });

  it('has a place for blockers where the file had none, and enters no checkpoint where none are kept', () => {
    const text = realFile('PROJ-001');
    const blocked = recorded(text, 'phase-2', conflicts(['a']));
    expect(data(blocked.text)).toMatchObject({
      blockers: { active: [{ id: 'BLK-001', blocking: ['phase-2'] }] },
    });
    expect(
      blocked.text.startsWith(
        text.replace(/( {4}name: EXECUTE_C1_TASKS\n.*\n {4}status:) complete/, '$1 blocked'),
      ),
    ).toBe(true);
    const back = recorded(blocked.text, 'phase-2', landed());
    expect(back.checkpoints).toEqual([]);
    expect(data(back.text)).toMatchObject({ blockers: { active: [] } });
    const planned = 'agents: [{id: a, status: PENDING}]\ncheckpoints:\n  - {id: CP-1, status: PENDING}\n';
    expect(recorded(planned, 'a', landed()).checkpoints).toEqual([]);
  });

  it('says what the shape of a file leaves no place for', () => {
    const odd = 'agents: [{id: a, status: PENDING}]\nblockers: {}\ncheckpoints:\n  -\n    id: CP-1\n';
    expect(recorded(odd, 'a', conflicts(['x']))).toMatchObject({ status: 'BLOCKED', refused: ['blocker'] });
    expect(recorded(odd, 'a', landed())).toMatchObject({ status: 'COMPLETE', refused: ['checkpoint'] });
  });

  it('completes barriers only where that was asked for, and they waited for nothing else', () => {
    const complete = (text: string, address: string, completeBarriers = true) =>
      recorded(text, address, ended(true, { began: false }), { completeBarriers });
    const one = complete(template, agent);
    expect([one.barriers, statusIn(one.text, 'barrier-1')]).toEqual([[], 'PENDING']);
    const left = complete(one.text, 'agent-b-001', false);
    expect(statusIn(left.text, 'barrier-1')).toBe('PENDING');
    const two = complete(one.text, 'agent-b-001');
    expect([two.barriers, statusIn(two.text, 'barrier-1')]).toEqual([['barrier-1'], 'COMPLETE']);
    expect(data(two.text)).toMatchObject({
      barriers: [{ completed_at: '2026-03-04T05:06:07Z', artifacts: { a_to_b: { status: 'PENDING' } } }],
      checkpoints: { entries: [{ id: 'CP-001', trigger: 'BARRIER_COMPLETE' }] },
    });
    const elsewhere = complete(one.text, 'pipeline-a/2/agent-a-002');
    expect(elsewhere.barriers).toEqual([]);
    // Landing an agent that is complete already opens the barrier, too, once.
    const landing = recorded(left.text, 'agent-b-001', landed(), { completeBarriers: true });
    expect([landing.barriers, landing.checkpoints]).toEqual([['barrier-1'], ['CP-001', 'CP-002']]);
    expect(recorded(landing.text, 'agent-b-001', landed(), { completeBarriers: true }).edits).toEqual([]);
  });

  it('finds the artifact that an agent was to make, where that is beyond doubt', () => {
    const planned = (text: string, address: string) =>
      plannedArtifact({ path: 'f', text, root: rootOf(text) }, address);
    const fresh = template
      .replace(/artifact: "[^"]*agent-a-001[^"]*"/, 'artifact: null')
      .replaceAll('{WORKFLOW_ID}', 'w');
    const own = planned(fresh.replace('{PIPELINE_A_ALIAS}', 'ps'), agent);
    expect(own).toEqual({
      path: undefined,
      isTemplate: false,
      folder: 'orchestration/w/ps/phase-1/agent-a-001/',
    });
    const among = (changed: string[], plan = own) => plan && artifactAmong(plan, changed, 'projects/p/');
    const folder = 'orchestration/w/ps/phase-1/agent-a-001';
    expect(among(['x', `${folder}/r.md`])).toBe(`${folder}/r.md`);
    expect(among(['x', `projects/p/${folder}/r.md`])).toBe(`projects/p/${folder}/r.md`);
    expect(among(['x'])).toBe('x');
    expect([among(['x', 'y']), among([`${folder}/a`, `${folder}/b`]), among([])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const open = planned(template, agent);
    expect(open?.isTemplate).toBe(true);
    expect(among(['orchestration/w/ps/phase-1/agent-a-001/agent-a-001-notes.md', 'x'], open)).toBe(
      'orchestration/w/ps/phase-1/agent-a-001/agent-a-001-notes.md',
    );
    expect(among(['x'], open)).toBeUndefined();
    expect(planned(realFile('PROJ-006'), 'agent-c-001')?.path).toMatch(/agent-c-001-adr\.md$/);
    expect(planned(realFile('PROJ-001'), 'phase-2')).toBeUndefined();
    const put = recorded(fresh, agent, ended(true, { began: false, artifact: 'a b.md' }));
    expect(put.text).toContain('artifact: "a b.md"\n');
  });
});

describe('in the real files', () => {
  const agents = realFiles.flatMap(([name, text]) => {
    const { agents: found, phases } = pictured(text);
    const of = found.length > 0 ? found : phases.filter(({ status }) => status !== null);
    return of.map(({ address }) => ({ name, text, address }));
  });
  const allowed = [
    /^\/(?:workflow\/)?updated_at$/,
    /\/agents\/\d+\/(?:status|artifact|started_at|completed_at|updated_at)$/,
    /^\/phases\/\d+\/(?:status|completed_at)$/,
    /^\/blockers(?:\/active(?:\/\d+(?:\/description)?)?)?$/,
    /^\/issues\/resolved\/\d+$/,
    /^\/checkpoints\/(?:latest_id|entries\/\d+)$/,
    /^\/resumption\/(?:recovery_state\/)?last_checkpoint$/,
    /^\/barriers\/\d+\/(?:status|completed_at)$/,
  ];
  const one = fc.nat({ max: agents.length - 1 });
  const path = fc.constantFrom('a.txt', 'b c', "it's: #1", '"q"', 'ä/ö.md', '[x]');
  const happening = fc.oneof(
    fc.constant(began),
    fc.boolean().map((isComplete) => ended(isComplete, { began: false, artifact: 'x/y.md' })),
    fc.array(path, { minLength: 1, maxLength: 8 }).map((paths) => conflicts(paths)),
    fc.integer({ min: 1, max: 4 }).map((n) => landed('feat/x', `${n}`.repeat(40))),
  );

  it('any course of an agent changes the values that are meant, in the lines that are named', {
    timeout: 300_000,
  }, () => {
    fc.assert(
      fc.property(
        one,
        fc.array(happening, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        (at, course, completeBarriers, lineBreak) => {
          const start = agents[at] as (typeof agents)[number];
          let text = start.text.replaceAll('\n', lineBreak);
          for (const each of course) {
            const plan = recorded(text, start.address, each, { completeBarriers });
            expect(plan.refused).toEqual([]);
            const odd = differing(data(text), data(plan.text)).filter(
              (place) => !allowed.some((pattern) => pattern.test(place)),
            );
            expect(odd).toEqual([]);
            expectKept(text, plan.text, plan.lines);
            expect(plan.text.replaceAll('\r\n', '').includes(lineBreak === '\n' ? '\r' : '\n')).toBe(false);
            // Said twice it says the same.
            expect(recorded(plan.text, start.address, each, { completeBarriers }).edits).toEqual([]);
            text = plan.text;
          }
        },
      ),
      { numRuns: process.env.WT_TEST_FULL === '1' ? 300 : 12 },
    );
  });

  it('a conflict that is resolved leaves of a file what it was, but for its status, its times and its history', () => {
    for (const { text, address } of agents.slice(0, 4)) {
      const before = recorded(text, address, ended(true, { began: false })).text;
      const blocked = recorded(before, address, conflicts(['a.txt'])).text;
      const after = recorded(blocked, address, landed()).text;
      const gone = differing(data(before), data(after)).filter((place) =>
        /blockers\/active|status/.test(place),
      );
      expect(gone).toEqual([]);
    }
  });
});
