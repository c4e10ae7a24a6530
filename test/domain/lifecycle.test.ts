import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { kindOfCode } from '../../src/domain/failure.ts';
import { after, type Life, unborn } from '../../src/domain/life.ts';
import {
  isRefusal,
  type LifeEvent,
  type LifeState,
  lifecycle,
  lifeEvents,
  lifeStates,
  outcomeOf,
  refusalOf,
} from '../../src/domain/lifecycle.ts';
import { mayFollow, type RunPhase } from '../../src/domain/run-phase.ts';
import { type StateFacts, worktreeState } from '../../src/domain/worktree-state.ts';

const commands = ['create', 'provision', 'dispatch', 'cancel', 'merge', 'cleanup', 'undo'] as const;
const pairs = lifeEvents.flatMap((event) => lifeStates.map((state) => [event, state] as const));

/** A worktree as its evidence would be found: what each event leaves on disk, in git and among the processes. */
type Evidence = StateFacts & { readonly isThere: boolean; readonly isVanished: boolean };

const nothing: Evidence = {
  isThere: false,
  isVanished: false,
  operation: undefined,
  run: undefined,
  isIntegrated: false,
  isEmpty: true,
  isDirty: false,
};
const run = (status: 'running' | 'complete' | 'failed', pid: number | null) => ({
  status,
  reason: null,
  pid,
});
const isActive = ({ run: newest }: Evidence) => newest !== 'unknown' && newest?.status === 'running';

const traces: Record<LifeEvent, (evidence: Evidence) => Partial<Evidence>> = {
  create: () => ({ ...nothing, isThere: true, operation: 'create' }),
  provision: ({ operation }) => ({ operation: operation === undefined ? 'provision' : operation }),
  provisioned: ({ operation }) =>
    operation === 'create' || operation === 'provision' ? { operation: undefined } : {},
  dispatch: () => ({ run: run('running', null) }),
  started: (evidence) => (isActive(evidence) ? { run: run('running', 4711) } : {}),
  complete: (evidence) =>
    isActive(evidence) ? { run: run('complete', 4711), isIntegrated: false, isEmpty: false } : {},
  fail: (evidence) => (isActive(evidence) ? { run: run('failed', 4711) } : {}),
  cancel: () => ({}),
  cancelled: (evidence) => (isActive(evidence) ? { run: run('failed', 4711) } : {}),
  lost: (evidence) => (isActive(evidence) ? { run: run('failed', 4711) } : {}),
  merge: () => ({ operation: 'merge' }),
  landed: ({ operation }) => ({
    ...{ isIntegrated: true, isEmpty: false, isDirty: false },
    ...(operation === 'merge' ? { operation: undefined } : {}),
  }),
  conflicts: () => ({ operation: undefined }),
  resolved: () => ({ isIntegrated: false, isEmpty: false }),
  worked: () => ({ isDirty: true }),
  unlanded: () => ({ isIntegrated: false }),
  cleanup: () => ({ operation: 'cleanup' }),
  removed: () => ({ isThere: false, isVanished: false, operation: undefined }),
  undo: () => ({ isThere: true }),
  recovered: () => ({ operation: undefined }),
  withdrawn: () => ({ isThere: false, operation: undefined }),
  vanished: () => ({ isVanished: true }),
  returned: () => ({ isVanished: false }),
};

const derived = (evidence: Evidence): LifeState | undefined => {
  if (!evidence.isThere) return 'absent';
  return evidence.isVanished && evidence.operation === undefined ? 'vanished' : worktreeState(evidence);
};

// A run's news come only while it runs, and a landing's end only when there is one.
const isOfRun = (event: LifeEvent) => ['complete', 'fail', 'cancelled', 'lost', 'started'].includes(event);
const mayHappen = (life: Life, event: LifeEvent): boolean => {
  if (outcomeOf(event, life.state) === 'never') return false;
  if (event === 'returned') return life.isVanished;
  if (event === 'started') return life.run === 'dispatched';
  if (event === 'complete') return life.run === 'running';
  return !isOfRun(event) || life.run === 'dispatched' || life.run === 'running';
};

describe('the lifecycle of a worktree', () => {
  it('answers every event in every state', () => {
    for (const event of lifeEvents)
      expect([event, lifecycle[event].length]).toEqual([event, lifeStates.length]);
    expect(pairs).toHaveLength(lifeEvents.length * lifeStates.length);
  });

  it.each(commands)('either does %s or refuses it by a code of the contract', (command) => {
    for (const state of lifeStates) {
      const outcome = outcomeOf(command, state);
      expect([state, outcome]).not.toEqual([state, 'never']);
      const code = refusalOf(command, state);
      expect(code !== undefined).toBe(isRefusal(outcome));
      if (code !== undefined) expect([code, kindOfCode[code]]).not.toEqual([code, undefined]);
    }
  });

  it('refuses nothing that happens by itself', () => {
    for (const [event, state] of pairs) {
      if ((commands as readonly LifeEvent[]).includes(event)) continue;
      expect([event, state, isRefusal(outcomeOf(event, state))]).toEqual([event, state, false]);
    }
  });

  it('leads from every state back to one of rest, and from each of those to a cleanup', () => {
    const next = (from: LifeState) =>
      lifeEvents.flatMap((event) => {
        const outcome = outcomeOf(event, from);
        return outcome === 'rest' ? (['ready', 'completed', 'failed', 'merged'] as const) : [outcome];
      });
    for (const state of lifeStates) {
      const reached = new Set<string>([state]);
      for (const each of reached) {
        const index = lifeStates.indexOf(each as LifeState);
        if (index >= 0) for (const more of next(each as LifeState)) reached.add(more);
      }
      expect([state, reached.has('cleanup'), reached.has('absent')]).toEqual([state, true, true]);
    }
  });

  it.each<[string, LifeEvent[], LifeState]>([
    ['a cleanup of one that was never dispatched', ['create', 'provisioned', 'cleanup', 'removed'], 'absent'],
    [
      'a second dispatch after completion',
      ['create', 'provisioned', 'dispatch', 'started', 'complete', 'dispatch', 'started', 'fail'],
      'failed',
    ],
    ['a cancelled run', ['create', 'provisioned', 'dispatch', 'started', 'cancelled'], 'failed'],
    ['a run that never began', ['create', 'provisioned', 'dispatch', 'fail'], 'failed'],
    ['a vanished one', ['create', 'provisioned', 'dispatch', 'started', 'vanished', 'lost'], 'vanished'],
    ['one that came back', ['create', 'provisioned', 'vanished', 'returned'], 'ready'],
    [
      'conflicts that were resolved',
      [
        'create',
        'provisioned',
        'dispatch',
        'started',
        'complete',
        'merge',
        'conflicts',
        'resolved',
        'merge',
        'landed',
      ],
      'merged',
    ],
    ['work after a landing', ['create', 'provisioned', 'worked', 'merge', 'landed', 'worked'], 'ready'],
    [
      'a failed run in one that has landed',
      ['create', 'provisioned', 'worked', 'merge', 'landed', 'dispatch', 'started', 'fail'],
      'merged',
    ],
    ['a cleanup that was undone', ['create', 'provisioned', 'cleanup', 'removed', 'undo'], 'ready'],
    ['a creation that was killed', ['create', 'withdrawn'], 'absent'],
    ['a dispatch where one runs', ['create', 'provisioned', 'dispatch', 'started', 'dispatch'], 'running'],
  ])('goes through %s', (_, events, state) => {
    expect(events.reduce(after, unborn).state).toBe(state);
  });

  it('is what the evidence shows, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (choices) => {
        let life = unborn;
        let evidence = nothing;
        const story: LifeEvent[] = [];
        for (const choice of choices) {
          const possible = lifeEvents.filter(
            (event) => mayHappen(life, event) && (event !== 'undo' || story.includes('removed')),
          );
          const event = possible[choice % possible.length] as LifeEvent;
          story.push(event);
          const isRefused = isRefusal(outcomeOf(event, life.state));
          life = after(life, event);
          if (!isRefused) evidence = { ...evidence, ...traces[event](evidence) };
          expect([...story, derived(evidence)]).toEqual([...story, life.state]);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('the phases of a run', () => {
  const phases = DispatchRecord.shape.phase.options;

  it('all lead to its end, and none from it', () => {
    for (const phase of phases) {
      expect([phase, mayFollow(phase, 'ended')]).toEqual([phase, phase !== 'ended']);
      expect(phases.some((next) => mayFollow('ended', next))).toBe(false);
    }
  });

  it.each<RunPhase[]>([
    ['preparing', 'starting', 'running', 'ending', 'ended'],
    ['preparing', 'starting', 'ending', 'ended'],
    ['preparing', 'starting', 'running', 'parked', 'starting', 'running', 'ending', 'ended'],
    ['preparing', 'starting', 'running', 'checking', 'starting', 'running', 'checking', 'ending', 'ended'],
    ['preparing', 'starting', 'running', 'running', 'ended'],
  ])('may be %s', (...walk) => {
    for (const [at, phase] of walk.slice(1).entries()) {
      expect([walk[at], phase, mayFollow(walk[at] as RunPhase, phase)]).toEqual([walk[at], phase, true]);
    }
  });

  it.each<[RunPhase, RunPhase]>([
    ['running', 'preparing'],
    ['preparing', 'running'],
    ['checking', 'preparing'],
    ['ended', 'running'],
  ])('never go from %s to %s', (phase, next) => {
    expect(mayFollow(phase, next)).toBe(false);
  });
});
