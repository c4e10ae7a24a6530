import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PlannedChange, planChange } from '../../src/domain/orchestration/change.ts';
import { itemsOf } from '../../src/domain/orchestration/items.ts';
import { Status } from '../../src/domain/status.ts';
import { isEditOf } from '../../src/domain/yaml-edit.ts';
import { wt } from '../support/bin.ts';
import { pictured, realFiles, rootOf, testTime } from '../support/orchestration.ts';
import { makeRepo } from '../support/repo.ts';

const odd = [
  '',
  ' ',
  ' lead',
  'trail ',
  "it's",
  '"q"',
  'a: b',
  'a #b',
  '# x',
  '完了 ✅',
  'yes',
  'null',
  '1.0',
  '~',
  'true',
  '- a',
  '|',
  '*a',
  '%x',
  '{a}, [b]',
  '\\n',
  'tab\there',
  '2026-01-01',
  '...',
  'é\u0301\u2028',
];
/** What the nth status is set to: every canonical name, and a third of the odd texts. */
const textsFor = (nth: number) => [...Status.options, ...odd.filter((_, index) => (index + nth) % 3 === 0)];
const differing = (before: string, after: string) => {
  const now = after.split('\n');
  return before.split('\n').flatMap((line, index) => (line === now[index] ? [] : [index + 1]));
};

describe.each(realFiles)('%s', (name, text) => {
  it('can have every status set to any text, in one line, and back to the byte', () => {
    const root = rootOf(text);
    const set = (file: string, from: typeof root, address: string, status: string): PlannedChange =>
      planChange({ path: name, text: file, root: from }, { address, status, statusOnly: true }, testTime);
    for (const [nth, { address, raw_status: raw, line }] of pictured(text).statuses.entries())
      for (const other of textsFor(nth).filter((each) => each !== raw)) {
        const plan = set(text, root, address, other);
        const after = rootOf(plan.text);
        const item = itemsOf(after, plan.text).find((each) => each.address === address);
        const value = item?.entry?.value;
        const where = `${address} ${JSON.stringify(other)}`;
        expect([where, value?.kind === 'scalar' && value.value]).toEqual([where, other]);
        expect([where, differing(text, plan.text), plan.lines]).toEqual([where, [line], [line]]);
        expect(isEditOf(root, after, plan.edits), where).toBe(true);
        expect(set(plan.text, after, address, raw ?? '').text === text, `${where} and back`).toBe(true);
      }
  }, 240_000);

  it('can so by the command', async () => {
    const repo = makeRepo();
    repo.commit('state', { 'ORCHESTRATION.yaml': text });
    const path = join(repo.path, 'ORCHESTRATION.yaml');
    const set = async (address: string, status: string) => {
      const words = ['orchestration', 'set', '--status-only', '--json', '--', address, status];
      const ran = await wt(repo.path, repo.env, words);
      expect(ran.code).toBe(0);
      return ran.json() as { before: string; after: string; lines: number[] };
    };
    const { statuses } = pictured(text);
    const some = [0, 3, Math.floor(statuses.length / 2), statuses.length - 1];
    for (const [at, other] of ['完了: ✅', ' "null" ', 'null', 'IN_PROGRESS'].entries()) {
      const chosen = statuses[some[at] ?? 0];
      if (chosen?.raw_status == null || chosen.raw_status === other) continue;
      const { address, raw_status: raw, line } = chosen;
      expect(await set(address, other)).toMatchObject({ before: raw, after: other, lines: [line] });
      expect(differing(text, readFileSync(path, 'utf8'))).toEqual([line]);
      const shown = (await wt(repo.path, repo.env, ['orchestration', 'show', '--json'])).json();
      expect(shown).toMatchObject({
        statuses: expect.arrayContaining([expect.objectContaining({ address, raw_status: other })]),
      });
      expect(await set(address, raw)).toMatchObject({ before: other, after: raw, lines: [line] });
      expect(readFileSync(path, 'utf8') === text, `${address} ${other} and back`).toBe(true);
    }
  });
});
