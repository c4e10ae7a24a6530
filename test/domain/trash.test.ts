import { describe, expect, it } from 'vitest';
import { lastRemovedFirst, nextTrashId, type TrashEntry } from '../../src/domain/trash.ts';

const now = new Date('2026-02-20T23:59:59.999Z');

describe('the next id of the trash', () => {
  it('counts from 001 in each UTC day', () => {
    expect(nextTrashId(now, [])).toBe('trash-20260220-001');
    expect(nextTrashId(now, ['trash-20260219-007'])).toBe('trash-20260220-001');
  });

  it('follows the highest, past 999 too', () => {
    expect(nextTrashId(now, ['trash-20260220-002', 'trash-20260220-010', 'last', ''])).toBe(
      'trash-20260220-011',
    );
    expect(nextTrashId(now, ['trash-20260220-999'])).toBe('trash-20260220-1000');
  });
});

describe('the order of undo', () => {
  const entry = (id: string, removed_at: string) => ({ id, removed_at }) as TrashEntry;

  it('is the last removed first', () => {
    const entries = [
      entry('trash-20260220-001', '2026-02-20T10:00:00.000Z'),
      entry('trash-20260221-001', '2026-02-21T10:00:00.000Z'),
      entry('trash-20260220-002', '2026-02-20T11:00:00.000Z'),
    ];
    expect(entries.sort(lastRemovedFirst).map(({ id }) => id)).toEqual([
      'trash-20260221-001',
      'trash-20260220-002',
      'trash-20260220-001',
    ]);
  });

  it('goes by number within one millisecond', () => {
    const at = '2026-02-20T10:00:00.000Z';
    const entries = [entry('trash-20260220-999', at), entry('trash-20260220-1000', at)];
    expect(entries.sort(lastRemovedFirst)[0]?.id).toBe('trash-20260220-1000');
  });
});
