import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainFacts } from '../../src/domain/plain-facts.ts';
import { WorktreeFacts } from '../../src/domain/worktree-facts.ts';

const whole = {
  version: 1,
  project_id: 'PROJ-006',
  variable: 'JERRY_PROJECT',
  base: 'main',
  base_ref: 'main',
  base_sha: 'a'.repeat(40),
  branch_created: true,
  branch: 'feat/x',
  created_at: '2026-02-14T10:00:00.000Z',
  share_venv: false,
  address: null,
  orchestration: null,
  receipts: [
    { step: 'copy', fingerprint: 'f', status: 'ran', command: null, at: '2026-02-14T10:00:00.000Z' },
  ],
  provisioned: true,
};

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 1, 2, '', 'ran', 'b'.repeat(64), 'B'.repeat(40), [], {}),
  fc.constant([{ ...whole.receipts[0], status: 'unknown' }]),
  fc.constant([{ ...whole.receipts[0], at: 1 }]),
  fc.constant([whole.receipts[0], { ...whole.receipts[0], command: 'npm ci', more: 1 }]),
);

describe('facts without the schema', () => {
  it('are what the schema gives, or nothing', () => {
    let [taken, left] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(whole), 'unknown'),
        odd,
        fc.boolean(),
        (key, value, isDropped) => {
          const record: Record<string, unknown> = { ...whole, [key]: value };
          if (isDropped) delete record[key];
          const read = JSON.parse(JSON.stringify(record));
          const found = plainFacts(read);
          if (found === undefined) left++;
          else {
            taken++;
            expect(found).toEqual(WorktreeFacts.parse(read));
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect([taken > 100, left > 100]).toEqual([true, true]);
    expect(plainFacts(whole)).toEqual(whole);
  });

  it.each([[undefined], [null], [[]], ['x'], [{}]])('are not in %j', (value) => {
    expect(plainFacts(value)).toBe(undefined);
  });
});
