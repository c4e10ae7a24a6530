import { describe, expect, it } from 'vitest';
import { Need } from '../../src/domain/answers/status.ts';
import { type NeedFacts, needKind, needOf, needOrder } from '../../src/domain/needs.ts';

const nothing: NeedFacts = {
  state: 'ready',
  run: undefined,
  conflicted: 0,
  isDirty: false,
  hasConflicts: false,
  ahead: 0,
  behind: 0,
  base: 'main',
  isProvisioned: true,
};
const complete = { status: 'complete', reason: null, mayBeEmpty: false, isResumable: true } as const;
const failed = { status: 'failed', reason: 'error', mayBeEmpty: false, isResumable: true } as const;

/** Facts that call for each need, and for all the later ones too. */
const callsFor: Readonly<Record<Need['kind'], Partial<NeedFacts>>> = {
  unprovisioned: { isProvisioned: false },
  stale_base: { behind: 2 },
  review: { run: complete, ahead: 1, state: 'completed' },
  dirty: { isDirty: true },
  denied: { run: { ...complete, reason: 'denied' } },
  failed: { run: failed },
  timeout: { run: { ...failed, reason: 'timeout' } },
  rate_limited: { run: { ...failed, reason: 'rate_limited' } },
  conflict: { hasConflicts: true },
  lost: { run: { ...failed, reason: 'lost' } },
};

describe('what a worktree needs', () => {
  it('is nothing when it is clean, up to date and provisioned', () => {
    expect(needOf(nothing, '6')).toBeUndefined();
  });

  it('is the first of all that call for somebody', () => {
    expect(needOrder).toEqual(
      [...Need.shape.kind.options].sort((a, b) => needOrder.indexOf(a) - needOrder.indexOf(b)),
    );
    let facts = nothing;
    for (const kind of [...needOrder].reverse()) {
      facts = { ...facts, ...callsFor[kind] };
      expect(needKind(facts)).toBe(kind);
    }
  });

  it.each<[string, Partial<NeedFacts>, string | undefined]>([
    ['work is being done', { state: 'running', isDirty: true, hasConflicts: true, behind: 3 }, undefined],
    ['work is about to begin', { state: 'dispatched', isDirty: true }, undefined],
    ['it is being provisioned', { state: 'provisioning', isProvisioned: false }, undefined],
    ['it is landing', { state: 'merging', ahead: 1, run: complete }, undefined],
    ['it is being removed', { state: 'cleanup', isDirty: true }, undefined],
    ['its work has landed', { state: 'merged', run: failed, behind: 4, isProvisioned: false }, undefined],
    [
      'a running agent waits for its limit',
      { state: 'running', run: { ...complete, status: 'running', reason: 'rate_limited' } },
      'rate_limited',
    ],
    ['an agent did nothing', { run: { ...complete, reason: 'no_commits' } }, 'failed'],
    [
      'an agent did nothing, as it might',
      { run: { ...complete, reason: 'no_commits', mayBeEmpty: true } },
      undefined,
    ],
    [
      'an agent left its changes uncommitted',
      { run: { ...complete, reason: 'dirty' }, isDirty: true },
      'dirty',
    ],
    ['a person committed without any agent', { ahead: 3 }, undefined],
    ['a merge was left in the middle', { conflicted: 2, isDirty: true }, 'conflict'],
    [
      'nothing could be read',
      {
        isDirty: undefined,
        hasConflicts: undefined,
        ahead: undefined,
        behind: undefined,
        isProvisioned: undefined,
        state: undefined,
      },
      undefined,
    ],
  ])('is decided where %s', (_, facts, kind) => {
    expect(needKind({ ...nothing, ...facts })).toBe(kind);
  });

  it.each<[Partial<NeedFacts>, string]>([
    [callsFor.lost, "wt dispatch 6 --resume -p 'go on'"],
    [{ run: { ...failed, reason: 'lost', isResumable: false } }, 'wt logs 6'],
    [callsFor.conflict, 'wt merge 6 --resolve'],
    [{ ...callsFor.conflict, base: undefined }, 'wt diff 6'],
    [{ conflicted: 1 }, 'wt open 6 --shell'],
    [callsFor.timeout, "wt dispatch 6 --resume -p 'go on'"],
    [{ state: 'running', run: { ...failed, status: 'running', reason: 'rate_limited' } }, 'wt wait 6'],
    [callsFor.failed, 'wt logs 6'],
    [callsFor.denied, 'wt logs 6'],
    [callsFor.dirty, 'wt diff 6'],
    [callsFor.review, 'wt merge 6'],
    [callsFor.stale_base, 'wt sync 6'],
    [callsFor.unprovisioned, 'wt provision 6'],
  ])('comes with the command to type: %j', (facts, command) => {
    expect(needOf({ ...nothing, ...facts }, '6')?.command).toBe(command);
  });

  it('quotes a worktree that a shell would take apart', () => {
    expect(needOf({ ...nothing, isDirty: true }, "/tmp/it's here")?.command).toBe(
      "wt diff '/tmp/it'\\''s here'",
    );
  });
});
