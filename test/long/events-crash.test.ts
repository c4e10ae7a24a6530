import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readEvent } from '../../src/domain/event.ts';
import { wt } from '../support/bin.ts';
import { type Moment, wtKilledAt } from '../support/crashes.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const operations: readonly (readonly string[])[] = [
  ['create', 'feat/x'],
  ['merge', 'feat/x'],
  ['cleanup', 'feat/x'],
  ['undo'],
];
/** When the work is done and the intent that recovery goes on with is still there; what the journal has by then. */
const moments: readonly (readonly [string, Moment, RegExp, number])[] = [
  ['before it tells', 'before', /^open .*events\.jsonl/, 0],
  ['after it has told', 'before', /^rm .*intents\/[^/]*\.json$/, 1],
];

const told = (repo: TestRepo): string[] => {
  const path = join(repo.path, '.git', 'wt', 'events.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => `${readEvent(line)?.seq} ${readEvent(line)?.type}`);
};

/** What stands between two operations. */
function work(repo: TestRepo, [name]: readonly string[]): void {
  if (name === 'merge') repo.commit('work', { 'a.txt': 'a' }, join(repo.root, 'jerry-wt', 'feat/x'));
}

it.each(moments)(
  'an operation that is killed %s is told of once',
  async (_, when, pattern, known) => {
    const model = makeRepo();
    const repo = makeRepo();
    for (const [at, operation] of operations.entries()) {
      work(model, operation);
      work(repo, operation);
      expect(await wt(model.path, model.env, operation)).toMatchObject({ code: 0 });
      expect((await wtKilledAt(repo, operation, when, pattern)).signal).toBe('SIGKILL');
      expect([operation, told(repo).length]).toEqual([operation, at + known]);
      await wt(repo.path, repo.env, ['status']);
      expect(told(repo)).toEqual(told(model));
      expect(told(repo)).toHaveLength(at + 1);
    }
  },
  120_000,
);
