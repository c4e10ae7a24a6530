import { describe, expect, it } from 'vitest';
import {
  isMadeByLanding,
  type LedgerEntry,
  landingNumber,
  outdated,
  revertCommand,
} from '../../src/domain/ledger.ts';
import type { Sha } from '../../src/domain/sha.ts';

const sha = (digit: string) => digit.repeat(40) as Sha;
const now = new Date('2026-06-01T00:00:00.000Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

const entry = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  version: 1,
  n: 1,
  operation: 'op',
  target: 'main',
  before: sha('a'),
  after: sha('b'),
  strategy: 'merge',
  worktree_path: '/w',
  branch: 'feat/a',
  head: sha('c'),
  dispatch_id: null,
  landed_at: daysAgo(0),
  checkout: null,
  pushed: false,
  undone: null,
  ...more,
});

describe('the ledger', () => {
  it('forgets what is over 90 days old or beyond a thousand, never the newest', () => {
    const ages = [100, 91, 89];
    const old = ages.map((days, at) => entry({ n: 3 - at, landed_at: daysAgo(days) }));
    expect(outdated(old, now).map(({ n }) => n)).toEqual([2]);
    expect(outdated([entry({ landed_at: daysAgo(400) })], now)).toEqual([]);
    const many = Array.from({ length: 1002 }, (_, at) => entry({ n: 1002 - at }));
    expect(outdated(many, now).map(({ n }) => n)).toEqual([2, 1]);
  });

  it.each([
    ['merge', 'git revert -m 1 bbbbbbbbbbbb'],
    ['squash', 'git revert bbbbbbbbbbbb'],
    ['fast-forward', 'git revert aaaaaaaaaaaa..bbbbbbbbbbbb'],
    ['rebase', 'git revert aaaaaaaaaaaa..bbbbbbbbbbbb'],
  ])('says how git takes a %s back', (strategy, command) => {
    expect(revertCommand(entry({ strategy }))).toBe(command);
  });

  it('reads the ids of undo, and knows which commits landing has made', () => {
    const ids = ['landing-12', 'landing-0', 'landing-', 'landing-1x', 'trash-20260220-001', 'LANDING-1'];
    expect(ids.map(landingNumber)).toEqual([12, ...Array(5).fill(undefined)]);
    expect([entry(), entry({ head: sha('b') })].map(isMadeByLanding)).toEqual([true, false]);
  });
});
