import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/domain/failure.ts';
import { findingsIn } from '../../src/domain/orchestration/findings.ts';
import { newOrchestrationFile } from '../../src/domain/orchestration/new-file.ts';
import { spell, statusOf } from '../../src/domain/orchestration/status.ts';
import { pictured, planned, rootOf, setExactly } from '../support/orchestration.ts';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
};

describe('a status', () => {
  it.each([
    ['COMPLETED', 'COMPLETE'],
    ['completed', 'COMPLETE'],
    ['✅ DONE', 'COMPLETE'],
    ['PASS', 'COMPLETE'],
    ['COMPLETE (with caveats)', 'COMPLETE'],
    ['NOT_STARTED', 'PENDING'],
    ['Not started', 'PENDING'],
    ['PHASE_1_PENDING', 'PENDING'],
    ['PHASE_2_IN_PROGRESS', 'IN_PROGRESS'],
    ['in-progress', 'IN_PROGRESS'],
    ['ACTIVE', 'IN_PROGRESS'],
    ['verified_na', 'SKIPPED'],
    ['canceled', 'CANCELLED'],
    ['DONE\n', 'COMPLETE'],
    ['PASS_WITH_CONDITIONS', 'COMPLETE'],
    ['PHASE_1_COMPLETE', 'IN_PROGRESS'],
    ['partial_pass', 'IN_PROGRESS'],
    ['ready_for_review', 'BLOCKED'],
    ['WAITING_FOR_BARRIER_1', 'BLOCKED'],
    ['blocked by EN-2', 'BLOCKED'],
    ['✅', 'COMPLETE'],
    ['[x] done', 'COMPLETE'],
    ['⏳', 'PENDING'],
    ["won't fix", 'CANCELLED'],
    ['N/A', 'SKIPPED'],
    ['not complete', 'UNKNOWN'],
    ['done?!x', 'UNKNOWN'],
    ['{STATUS}', 'UNKNOWN'],
    ['banana', 'UNKNOWN'],
    ['', 'UNKNOWN'],
  ])('%j means %s', (raw, status) => expect(statusOf(raw)).toBe(status));

  it('is spelled as the file most often spells it', () => {
    const found = ['COMPLETED', 'done', 'done', 'ACTIVE'].map((raw) => ({ raw, kind: 'agent' }));
    expect(spell('COMPLETE', 'agent', found)).toBe('done');
    expect(spell('PENDING', 'agent', [{ raw: 'complete', kind: 'agent' }])).toBe('pending');
    expect(spell('PENDING', 'agent', [{ raw: 'Complete', kind: 'agent' }])).toBe('Pending');
    expect(spell('PENDING', 'agent', [])).toBe('PENDING');
    const workflow = [{ raw: 'ACTIVE', kind: 'workflow' }];
    expect(spell('IN_PROGRESS', 'workflow', workflow)).toBe('ACTIVE');
    expect(spell('IN_PROGRESS', 'agent', workflow)).toBe('IN_PROGRESS');
  });
});

describe('agents', () => {
  const agents = (text: string) => pictured(text).agents.map(({ address, status }) => [address, status]);

  it.each([
    [
      'pipelines:\n  p:\n    phases:\n      - id: 1\n        agents:\n          - {id: a, status: DONE}\n',
      'p/1/a',
    ],
    ['pipeline:\n  id: main\n  phases:\n    - id: x\n      agents: [{id: a, status: DONE}]\n', 'main/x/a'],
    ['pipeline:\n  phases:\n    - id: x\n      agents: [{id: a, status: DONE}]\n', 'pipeline/x/a'],
    ['agents:\n  - id: a\n    status: DONE\n', 'a'],
    ['enablers:\n  - id: EN-1\n    agents:\n      - id: a\n        status: DONE\n', 'EN-1/a'],
    [
      'workflow: {id: w}\nphases:\n  one:\n    streams:\n      - id: s\n        agents: {a: {status: DONE}}\n',
      'one/s/a',
    ],
    [
      'workflow:\n  id: w\n  phases:\n    - phase: 1\n      agents:\n        - agent: a\n          status: DONE\n',
      '1/a',
    ],
    ['phases:\n  - id: 1\n    review_agents:\n      - name: a\n        status: DONE\n', '1/a'],
    ['agents:\n  core:\n    - id: a\n      status: DONE\n', 'core/a'],
    ['phases:\n  - id: 1\n    agents:\n      a: DONE\n      total: 3\n', '1/a'],
    ['agents: {name: lead, "a": "✅ done"}\n', 'a'],
    ['phases:\n  one:\n    agents:\n      - a: DONE # now\n', 'one/a'],
  ])('are found in %j', (text, address) => expect(agents(text)).toEqual([[address, 'COMPLETE']]));

  it('are told apart where their ids repeat, and refused where an address means several', () => {
    const text =
      'agents:\n  - {id: a, status: DONE}\n  - {id: a, status: PENDING}\n  - {id: a/b, status: TODO}\n';
    expect(agents(text)).toEqual([
      ['a[1]', 'COMPLETE'],
      ['a[2]', 'PENDING'],
      ['a/b', 'PENDING'],
    ]);
    expect(codeOf(() => planned(text, 'a', 'FAILED'))).toBe('ambiguous_address');
    expect(codeOf(() => planned(text, 'c', 'FAILED'))).toBe('address_not_found');
    expect(planned(text, 'a[2]', 'COMPLETE').lines).toEqual([3]);
    expect(planned(text, 'b', 'COMPLETE').address).toBe('a/b');
  });

  it('may be one line each, with what their statuses mean', () => {
    const text =
      'agents:\n  a.1/x: DONE\n  b: { status: TODO }\n  c: "waiting" # why\n  d: odd\n  mode: fast\n';
    expect(agents(text)).toEqual([
      ['a.1/x', 'COMPLETE'],
      ['b', 'PENDING'],
      ['c', 'PENDING'],
      ['d', 'UNKNOWN'],
    ]);
    expect(planned(text, 'c', 'FAILED').text).toBe(text.replace('waiting', 'FAILED'));
    expect(setExactly(text, 'a.1/x', 'half: way').text).toBe(text.replace('DONE', "'half: way'"));
    expect(codeOf(() => planned(text, 'c', 'FAILED', { note: 'x' }))).toBe('usage');
    expect(agents('agents: {total: 5, mode: parallel, done: 3}\n')).toEqual([]);
    expect(agents('agents: {lead: ada, second: bob}\n')).toEqual([]);
  });

  it('in an empty list or without a value are none', () => {
    expect(agents('agents:\nphases: []\n')).toEqual([]);
    expect(agents('')).toEqual([]);
    expect(agents('just text')).toEqual([]);
  });

  it('of a queue wait for its groups where no phase tells the order', () => {
    const text = [
      'agents: [{id: a, status: DONE}, {id: b, status: TODO}, {id: c, status: TODO}]',
      'execution_queue:\n  groups:\n    - {id: 1, status: READY, agents: [a]}',
      '    - {id: 2, status: BLOCKED, blocked_by: group-1, agents: [b]}',
      '    - {id: 3, status: BLOCKED, blocked_by: group-2, agents: [c]}',
      'blockers:\n  active:\n    - {id: BLK-1, blocking: [b], description: no key}\n',
    ].join('\n');
    const [, b, c] = pictured(text).agents;
    expect(b).toMatchObject({ runnable: false, blocked_by: ['BLK-1'] });
    expect(c).toMatchObject({ runnable: false, blocked_by: ['execution_queue/groups/2'] });
    expect(pictured(text.replace('[b], desc', '[x], desc')).runnable).toEqual(['b']);
  });
});

describe('groups of a queue', () => {
  it('that name each other are waited for, and not for ever', () => {
    const groups =
      '    - {id: g, agents: [h]}\n    - {id: h, agents: [g]}\n    - {id: i, blocked_by: [g], agents: [a]}\n';
    const text = `agents: [{id: a, status: TODO}]\nexecution_queue:\n  groups:\n${groups}`;
    expect(pictured(text).agents[0]).toMatchObject({
      runnable: false,
      blocked_by: ['execution_queue/groups/g'],
    });
  });
});

describe('a change', () => {
  const set = (text: string, ...rest: [string, string, Parameters<typeof planned>[3]?]) =>
    planned(text, ...rest).text;

  it('keeps quotes, comments and line endings, and writes the times that the file has', () => {
    const text =
      "workflow:\r\n  id: w\r\n  status: 'active'\r\n  updated_at: '2026-01-01'  # day\r\nagents:\r\n" +
      "  - id: ä\r\n    status:   'pending'   # what else\r\n    started_at: null   # when\r\n    completed_at:\r\n";
    const begun = set(text, 'ä', 'IN_PROGRESS');
    expect(begun).toBe(
      text
        .replace("'2026-01-01'", "'2026-03-04'")
        .replace("'pending'", "'in_progress'")
        .replace('started_at: null', "started_at: '2026-03-04'"),
    );
    expect(set(begun, 'ä', 'COMPLETE')).toBe(
      begun.replace("'in_progress'", "'complete'").replace('completed_at:', "completed_at: '2026-03-04'"),
    );
  });

  it('puts quotes around a time that had none', () => {
    expect(set('agents:\n  - id: a\n    status: todo\n    updated_at: 2026-01-01\n', 'a', 'COMPLETE')).toBe(
      'agents:\n  - id: a\n    status: complete\n    updated_at: "2026-03-04"\n',
    );
  });

  it.each([
    [
      'agents: [{status: DONE, id: x}]\n',
      'agents: [{status: FAILED, artifact: "a/b.md", note: "n: 1", id: x}]\n',
    ],
    ['agents: [{id: x, status}]', 'agents: [{id: x, status: FAILED, artifact: "a/b.md", note: "n: 1"}]'],
    ['agents: [{id: x, status: }]', 'agents: [{id: x, status: FAILED , artifact: "a/b.md", note: "n: 1"}]'],
    [
      'agents:\n  - id: x\n    status:',
      'agents:\n  - id: x\n    status: FAILED\n    artifact: "a/b.md"\n    note: "n: 1"',
    ],
    [
      "agents:\r\n- status: 'x y' # c\r\n  id: x\r\n  artifact: [] \r\n".replace(
        'artifact: [] ',
        'artifact: ~',
      ),
      "agents:\r\n- status: 'FAILED' # c\r\n  note: 'n: 1'\r\n  id: x\r\n  artifact: 'a/b.md'\r\n",
    ],
    [
      'agents:\n  - id: x\n    status: |\n      DONE\n\n    b: 1\n',
      'agents:\n  - id: x\n    status: |\n      FAILED\n    artifact: "a/b.md"\n    note: "n: 1"\n\n    b: 1\n',
    ],
    [
      'agents:\n  - id: x\n    status: >-\n      DONE\n      and more\n    b: 1\n',
      'agents:\n  - id: x\n    status: FAILED\n    artifact: "a/b.md"\n    note: "n: 1"\n    b: 1\n',
    ],
    [
      '\uFEFFagents: {x: {status: ok}}',
      '\uFEFFagents: {x: {status: failed, artifact: "a/b.md", note: "n: 1"}}',
    ],
  ])('of %j takes an artifact and a note', (text, expected) => {
    const got = set(text, 'x', 'FAILED', { artifact: 'a/b.md', note: 'n: 1' });
    expect(got.toLowerCase()).toBe(expected.toLowerCase());
  });

  it('holds back where the status is another one', () => {
    const text = 'agents: [{id: a, status: done}]\n';
    expect(codeOf(() => planned(text, 'a', 'FAILED', { onlyIf: 'PENDING' }))).toBe('status_mismatch');
    expect(codeOf(() => planned(text, 'a', 'FAILED', { onlyIf: 'DONE' }))).toBe('status_mismatch');
    for (const onlyIf of ['COMPLETE', 'done'])
      expect(planned(text, 'a', 'FAILED', { onlyIf }).after).toBe('failed');
  });

  it('changes nothing where the status means that already', () => {
    expect(planned('agents: [{id: a, status: done}]\n', 'a', 'COMPLETE').edits).toEqual([]);
  });

  it('writes a text as it is, with a warning when it means nothing', () => {
    const plan = planned('agents: [{id: a, status: done}]\n', 'a', 'half, way');
    expect(plan.text).toBe("agents: [{id: a, status: 'half, way'}]\n");
    expect(plan.warnings.map(({ code }) => code)).toEqual(['unknown_status']);
    for (const text of ['true', '1.0', '~', '']) {
      const exact = setExactly('agents: [{id: a, status: done}]\n', 'a', text);
      expect(exact.text).toBe(`agents: [{id: a, status: '${text}'}]\n`);
      expect(setExactly(exact.text, 'a', 'done').text).toBe('agents: [{id: a, status: done}]\n');
    }
    const bool = setExactly('agents: [{id: a, status: done}]\n', 'a', 'yes');
    expect([bool.text, bool.warnings.map(({ code }) => code)]).toEqual([
      'agents: [{id: a, status: yes}]\n',
      ['unknown_status', 'not_text'],
    ]);
  });

  it('is refused where an alias would change with it', () => {
    expect(() =>
      planned('agents:\n  - {id: a, status: &s done}\n  - {id: b, status: *s}\n', 'a', 'FAILED'),
    ).toThrow('more than a');
    const text = 'agents:\n  - {id: a, status: &s done}\n  - {id: b, status: *s }\n';
    expect(set(text, 'b', 'FAILED')).toBe(text.replace('*s', 'failed'));
  });

  it('edits of duplicate keys the one that readers see', () => {
    const text = 'agents: [{id: a, status: done}]\nagents:\n  - id: a\n    status: todo\n    status: wip\n';
    expect(set(text, 'a', 'COMPLETE')).toBe(text.replace('wip', 'complete'));
  });
});

describe('the findings', () => {
  const codes = (text: string) => findingsIn(rootOf(text), text).map(({ code, line }) => [line, code]);

  it('name what is odd, with its line', () => {
    const text = [
      'a: 1',
      'a: 2',
      'agents:',
      '  - id: x',
      '    status: banana',
      '    artifact: /home/ada/x.md',
      '    updated_at: 2026-01-01T00:00:00Z',
      '  - id: x',
      '    status: TODO',
      '    blocked_by: [nobody, 1]',
      '    completed_at: "2026-01-01"',
      '  - {id: y, status: }',
      'b: &b 1',
      'c: *b',
    ].join('\n');
    expect(codes(text)).toEqual([
      [1, 'duplicate_key'],
      [4, 'ambiguous_id'],
      [5, 'unknown_status'],
      [6, 'absolute_path'],
      [7, 'unquoted_timestamp'],
      [8, 'ambiguous_id'],
      [10, 'unknown_reference'],
      [10, 'unknown_reference'],
      [11, 'completed_at_without_completion'],
      [12, 'unknown_status'],
      [14, 'alias'],
    ]);
    expect(codes('x: 1')).toEqual([[1, 'no_statuses']]);
  });

  it('of a new file are none', () => {
    const text = newOrchestrationFile({
      workflowId: 'w-1',
      projectId: 'PROJ-007-x',
      time: '2026-01-01T00:00:00Z',
    });
    expect(codes(text)).toEqual([]);
    expect(pictured(text)).toMatchObject({
      workflow: { id: 'w-1', project_id: 'PROJ-007-x', status: 'IN_PROGRESS' },
      runnable: ['pipeline-a/1/agent-a-001'],
    });
  });
});
