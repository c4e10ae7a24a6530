import { isRefusal, type LifeEvent, type LifeState, outcomeOf } from './lifecycle.ts';

/** A worktree's state with what decides where it comes to rest. */
export type Life = {
  readonly state: LifeState;
  /** By its newest run alone. */
  readonly run: 'ready' | 'dispatched' | 'running' | 'completed' | 'failed';
  /** Whether all its work is in its base, and there is some. */
  readonly isLanded: boolean;
  /** Whether its folder is gone. */
  readonly isVanished: boolean;
};

export const unborn: Life = { state: 'absent', run: 'ready', isLanded: false, isVanished: false };

function restOf({ run, isLanded, isVanished }: Life): LifeState {
  if (isVanished) return 'vanished';
  return isLanded && run !== 'dispatched' && run !== 'running' ? 'merged' : run;
}

// What an event says of the newest run, the work and the folder, in whatever state it comes.
const news: Readonly<Partial<Record<LifeEvent, Partial<Omit<Life, 'state'>>>>> = {
  create: { run: 'ready', isLanded: false, isVanished: false },
  dispatch: { run: 'dispatched' },
  started: { run: 'running' },
  complete: { run: 'completed', isLanded: false },
  fail: { run: 'failed' },
  cancelled: { run: 'failed' },
  lost: { run: 'failed' },
  landed: { isLanded: true },
  unlanded: { isLanded: false },
  resolved: { isLanded: false },
  worked: { isLanded: false },
  vanished: { isVanished: true },
  returned: { isVanished: false },
  removed: { isVanished: false },
};

/** A worktree after an event; a refusal, or what cannot happen, leaves it as it was. */
export function after(life: Life, event: LifeEvent): Life {
  const outcome = outcomeOf(event, life.state);
  if (outcome === 'never' || isRefusal(outcome)) return life;
  const now = { ...life, ...news[event] };
  if (outcome === 'same') return now;
  const isRest = outcome === 'rest' || outcome === 'merged' || outcome === now.run;
  return { ...now, state: isRest ? restOf(now) : (outcome as LifeState) };
}
