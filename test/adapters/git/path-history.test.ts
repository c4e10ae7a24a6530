import { describe, expect, it } from 'vitest';
import { parsePathHistory } from '../../../src/adapters/git/path-history.ts';
import { explainConflicts } from '../../../src/application/escalation.ts';
import { escalationLines } from '../../../src/application/escalation-view.ts';
import type { Conflict } from '../../../src/domain/conflict.ts';
import { conflictPolicy, defaultUnion } from '../../../src/domain/conflict-policy.ts';
import { EscalatedConflict } from '../../../src/domain/escalation.ts';
import { failures } from '../../../src/domain/failure.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits } from '../../support/imports.ts';
import { mergeScene } from '../../support/merges.ts';

const policy = conflictPolicy({ union: defaultUnion, auto: true });
const conflict = (path: string, kind: Conflict['kind'] = 'content'): Conflict => ({
  path,
  kind,
  resolution: null,
});

async function scene() {
  const odd = 'c\xe9';
  const made = mergeScene();
  const base = { 'uv.lock': '1', 'a "b"\nc': '1', [odd]: '1', '*.md': '1', 'x.md': '1' };
  const commits = importCommits(made.repo, [
    { name: 'base', tree: base, parents: [] },
    ...Array.from({ length: 7 }, (_, at) => ({
      name: `ours${at}`,
      tree: { ...base, 'uv.lock': `o${at}`, 'x.md': 'o' },
      parents: [at === 0 ? 'base' : `ours${at - 1}`],
    })),
    { name: 'theirs0', tree: { ...base, 'uv.lock': 't' }, parents: ['base'] },
    { name: 'brought', tree: { ...base, 'uv.lock': 't', 'x.md': 'o' }, parents: ['theirs0', 'ours0'] },
    {
      name: 'theirs1',
      tree: { 'uv.lock': 't', 'a "b"\nc': 't', [odd]: 't', '*.md': 't', 'x.md': 'o' },
      parents: ['brought'],
    },
  ]);
  const id = (name: string) => commits.get(name) as Sha;
  return { made, id, hub: await made.hub() };
}

describe('what explains conflicts', () => {
  it('are the newest commits of both sides that touch each path, and how many there are', async () => {
    const { made, id, hub } = await scene();
    made.commands.length = 0;
    const explained = await explainConflicts(hub.git, {
      targetTip: id('ours6'),
      head: id('theirs1'),
      conflicts: [conflict('uv.lock'), conflict('*.md', 'modify_delete')],
      policy,
    });
    expect(made.commands).toHaveLength(2);
    for (const each of explained) expect(EscalatedConflict.parse(each)).toEqual(each);
    expect(explained).toMatchObject([
      {
        path: 'uv.lock',
        ours: ['ours6', 'ours5', 'ours4', 'ours3', 'ours2'].map((name) => ({
          commit: id(name),
          subject: name,
        })),
        ours_count: 6,
        theirs: [
          { commit: id('theirs0'), subject: 'theirs0', author: 'Ada', time: '2023-11-14T22:13:28.000Z' },
        ],
        theirs_count: 1,
        why: 'a lock file is made anew, not merged',
        remedy: 'uv lock',
      },
      { path: '*.md', ours: [], ours_count: 0, theirs: [{ commit: id('theirs1') }], why: null, remedy: null },
    ]);
  });

  it('are found for names with newlines and bytes that are not UTF-8', async () => {
    const { id, hub } = await scene();
    const explained = await explainConflicts(hub.git, {
      targetTip: id('ours6'),
      head: id('theirs1'),
      conflicts: [conflict('a "b"\nc'), conflict('c\\xE9')],
      policy,
      escalations: [{ path: 'c\\xE9', why: 'its name is not UTF-8' }],
    });
    expect(explained).toMatchObject([
      { theirs: [{ commit: id('theirs1') }], theirs_count: 1, why: null },
      { theirs: [{ commit: id('theirs1') }], theirs_count: 1, why: 'its name is not UTF-8' },
    ]);
  });

  it('are found for commits that only a scratch has', async () => {
    const { made, id, hub } = await scene();
    const scratch = await hub.landings.openScratch({ keepable: false });
    try {
      const tree = made.repo.git('rev-parse', `${id('theirs0')}^{tree}`) as Sha;
      const [parents, message] = [[id('ours6')], 'planned'];
      const tip = await scratch.commit({ tree, parents, message, checkout: undefined });
      const question = { targetTip: tip, head: id('theirs1'), conflicts: [conflict('uv.lock')], policy };
      const [known] = await explainConflicts(scratch, question);
      expect(known?.ours[0]).toMatchObject({ commit: tip, subject: 'planned', author: 'wt' });
      expect(await explainConflicts(hub.git, question)).toMatchObject([{ ours: [], ours_count: null }]);
    } finally {
      await scratch.close();
    }
  });

  it('is not asked for where there are none, and a bug stays one', async () => {
    const question = { targetTip: 'a' as Sha, head: 'b' as Sha, policy };
    const broken = {
      pathHistory: async () => {
        throw failures.interrupted('SIGINT');
      },
    };
    expect(await explainConflicts(broken, { ...question, conflicts: [] })).toEqual([]);
    await expect(explainConflicts(broken, { ...question, conflicts: [conflict('a')] })).rejects.toThrow();
  });
});

it('is read even where a subject or a path looks like what parts them', () => {
  const id = 'a'.repeat(40);
  const text = `\u0001${id}\u00021700000000\u0002Ada\u0002sub\u0002ject\0\n\u0001x\0y\0\0`;
  expect([...parsePathHistory(text, new Set(['\u0001x', 'y']))]).toMatchObject([
    ['\u0001x', { count: 1, commits: [{ subject: 'sub\u0002ject' }] }],
    ['y', { count: 1 }],
  ]);
});

it('is told to people within 80 columns', () => {
  const commit = (subject: string) => ({
    commit: 'abcdef0123'.repeat(4),
    subject,
    author: 'Ada Lovelace',
    time: '2026-01-01T00:00:00.000Z',
  });
  const explained = (path: string, more: Partial<EscalatedConflict> = {}): EscalatedConflict => ({
    ...conflict(path),
    ours: [commit('a subject '.repeat(20)), commit('short'), commit('third')],
    ours_count: 9,
    theirs: [commit('one\u001b[31m')],
    theirs_count: 1,
    why: null,
    remedy: null,
    ...more,
  });
  const view = { target: 'main', branch: 'feat/x', columns: 80, color: false };
  const lines = escalationLines(
    [
      explained('uv.lock', { why: 'a lock file is made anew, not merged', remedy: 'uv lock' }),
      explained('events.jsonl', { resolution: 'union' }),
    ],
    view,
  );
  expect(lines).toEqual([
    '  uv.lock: both changed the same lines',
    expect.stringMatching(/^ {4}main: abcdef01 a subject .*… \(Ada Lovelace\)$/),
    '    main: abcdef01 short (Ada Lovelace), 7 more',
    '    feat/x: abcdef01 one\\u{1b}[31m (Ada Lovelace)',
    '    a lock file is made anew, not merged',
    '    then: uv lock',
    '  events.jsonl: resolved by union',
  ]);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const many = escalationLines(
    Array.from({ length: 30 }, (_, at) => explained(`f${at}`)),
    view,
  );
  expect(many.at(-1)).toBe('  and 20 more paths');
});
