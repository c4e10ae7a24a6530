import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { Status } from '../../src/domain/status.ts';
import { dataOf } from '../../src/domain/yaml-tree.ts';
import { pictured, planned, realFile, realFiles, rootOf, setExactly } from '../support/orchestration.ts';

const canonical = Status.options.filter((status) => status !== 'UNKNOWN');
const others = ['IN_PROGRESS', 'verified_na', 'Not started: ✅'];
const needsQuotes = (text: string) => text.includes(': ');
const differing = (before: string, after: string) => {
  const now = after.split('\n');
  return before.split('\n').flatMap((line, index) => (line === now[index] ? [] : [index + 1]));
};

describe.each(realFiles)('%s', (_, text) => {
  it('is read as the yaml package reads it, with the last duplicate winning', () => {
    const document = parseDocument(text, { uniqueKeys: false });
    expect(dataOf(rootOf(text))).toEqual(document.toJS());
  });

  it('has an address for every status in it', () => {
    const { statuses } = pictured(text);
    const written = text
      .split('\n')
      .flatMap((line, index) => (/^ *(?:- )?status: /.test(line) ? [index + 1] : []));
    expect(statuses.map(({ line }) => line)).toEqual(written);
    expect(new Set(statuses.map(({ address }) => address)).size).toBe(statuses.length);
  });

  it('has one line changed by every status set exactly, and none when it is set back', () => {
    for (const [at, { address, raw_status: raw, line }] of pictured(text).statuses.entries()) {
      const other = others[at % others.length] === raw ? 'half done' : (others[at % others.length] ?? '');
      const plan = setExactly(text, address, other);
      expect([plan.lines, differing(text, plan.text)]).toEqual([[line], [line]]);
      expect(pictured(plan.text).statuses.find((each) => each.line === line)?.raw_status).toBe(other);
      if (!needsQuotes(other)) expect(setExactly(plan.text, address, raw ?? '').text).toBe(text);
    }
  });

  it('has only the lines changed that a status has to change, in the words of the file', () => {
    const words = new Set(pictured(text).statuses.map(({ raw_status: raw }) => raw));
    for (const [at, { address, line, status }] of pictured(text).statuses.entries()) {
      const wanted = canonical[at % canonical.length] ?? 'FAILED';
      const plan = planned(text, address, wanted);
      expect(differing(text, plan.text)).toEqual([...plan.lines].sort((a, b) => a - b));
      if (status === wanted) expect(plan.lines).toEqual([]);
      else {
        expect(plan.lines).toContain(line);
        expect(plan.lines.length).toBeLessThanOrEqual(3);
        const after = pictured(plan.text).statuses.find((each) => each.line === line);
        expect(after?.status).toBe(wanted);
        const isNew = !words.has(after?.raw_status ?? '');
        if (isNew) expect([wanted, wanted.toLowerCase()]).toContain(after?.raw_status);
      }
    }
  });
});

describe('the picture of a real file', () => {
  it('has the workflow, its parts and what they wait for', () => {
    const picture = pictured(realFile('TEMPLATE'));
    expect(picture.workflow).toMatchObject({
      id: '{WORKFLOW_ID}',
      status: 'IN_PROGRESS',
      raw_status: 'ACTIVE',
    });
    expect(picture.pipelines.map(({ address, phases }) => [address, phases])).toEqual([
      ['pipeline-a', ['pipeline-a/1', 'pipeline-a/2']],
      ['pipeline-b', ['pipeline-b/1', 'pipeline-b/2']],
    ]);
    expect(picture.runnable).toEqual(['pipeline-a/1/agent-a-001', 'pipeline-b/1/agent-b-001']);
    expect(picture.agents[1]).toMatchObject({
      address: 'pipeline-a/2/agent-a-002',
      runnable: false,
      blocked_by: ['barrier-1', 'pipeline-a/1'],
      reason: 'barrier-1 is PENDING; pipeline-a/1 is PENDING',
    });
    expect(picture.queue.map(({ agents }) => agents)).toEqual([
      ['pipeline-a/1/agent-a-001', 'pipeline-b/1/agent-b-001'],
      [],
      ['pipeline-a/2/agent-a-002', 'pipeline-b/2/agent-b-002'],
    ]);
  });

  it('lets an agent start when what it waits for is complete', () => {
    let text = realFile('TEMPLATE');
    for (const address of ['pipeline-a/1', 'barrier-1']) text = planned(text, address, 'COMPLETE').text;
    expect(pictured(text).runnable).toContain('pipeline-a/2/agent-a-002');
    expect(pictured(planned(text, 'workflow', 'BLOCKED').text).runnable).toEqual([]);
  });

  it('shows the value that readers see of a duplicate key, and edits that one', () => {
    const text = realFile('duplicate-key');
    const plan = planned(planned(text, 'res/2', 'IN_PROGRESS').text, 'res/2', 'COMPLETE');
    const times = plan.text.split('\n').filter((line) => /^ {8}(?:started|completed)_at:/.test(line));
    expect(times.slice(2, 5).map((line) => line.trim())).toEqual([
      'started_at: "2026-02-19T00:00:00Z"',
      'completed_at: "2026-02-19T00:00:00Z"',
      'completed_at: "2026-03-04T05:06:07Z"',
    ]);
  });
});
