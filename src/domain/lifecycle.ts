/** What a worktree is at a moment: a state of `wt status`, not there, or registered while its folder is gone. */
export const lifeStates = [
  'absent',
  'vanished',
  'provisioning',
  'ready',
  'dispatched',
  'running',
  'completed',
  'failed',
  'merging',
  'merged',
  'cleanup',
] as const;
export type LifeState = (typeof lifeStates)[number];

/** What a person, an agent or the machine does to a worktree. */
export type LifeEvent =
  | CommandEvent
  /** A provisioning has come to its end, whatever its steps came to. */
  | 'provisioned'
  /** claude runs: its pid is known. */
  | 'started'
  /** A run ended by itself and left work; it ended otherwise; it was ended; nobody saw its end. */
  | 'complete'
  | 'fail'
  | 'cancelled'
  | 'lost'
  /** Its work has come into its base, by a landing or by somebody else's doing, or is there no more. */
  | 'landed'
  | 'unlanded'
  /** A landing ended without one: conflicts, a gate that failed, nothing to land. */
  | 'conflicts'
  /** Its conflicts with the base were resolved in it; it got further work. */
  | 'resolved'
  | 'worked'
  /** Its registration is gone, by a cleanup or by somebody else. */
  | 'removed'
  /** What a wt that was killed had begun was taken back, or taken back to nothing (a creation). */
  | 'recovered'
  | 'withdrawn'
  /** Somebody deleted or moved its folder; it is back. */
  | 'vanished'
  | 'returned';

/** What a person asks for, which may be refused. */
export type CommandEvent = 'create' | 'provision' | 'dispatch' | 'cancel' | 'merge' | 'cleanup' | 'undo';

/** The codes of the contract by which a state refuses a command; what protects data is judged besides. */
export type LifeRefusal =
  | 'worktree_exists'
  | 'worktree_not_found'
  | 'worktree_locked'
  | 'not_this_worktree'
  | 'dispatch_running'
  | 'dispatch_not_found'
  | 'nothing_to_undo'
  | 'busy';

/**
 * What becomes of it: a state; `rest`, where nothing goes on; `same`, that it stays what it is; `never`, that this
 * cannot happen; or the refusal.
 */
export type LifeOutcome = LifeState | 'rest' | 'same' | 'never' | LifeRefusal;

type PerState<States extends readonly LifeState[]> = { readonly [At in keyof States]: LifeOutcome };
type LifeRow = PerState<typeof lifeStates>;

const none = 'worktree_not_found';
const there = 'worktree_exists';
const gone = 'not_this_worktree';
const locked = 'worktree_locked'; // another wt is at work in it, outside of the repository's lock
const running = 'dispatch_running';
const unused = 'dispatch_not_found';
const nothing = 'nothing_to_undo';
const prov = 'provisioning';

/**
 * The states of a worktree and what leads from one to another. `busy` waits for the repository's lock, and is refused
 * when that takes too long. Work is in the worktree and on its branch, so that a landing that ends in conflicts leaves
 * it where it was, and so does their resolution: it can be tried again. A cleanup needs no dispatch before it, and a
 * dispatch may follow any other that is over. What was removed otherwise than by a cleanup cannot be undone.
 */
// biome-ignore format: a table
export const lifecycle: Readonly<Record<LifeEvent, LifeRow>> = {
  //            absent   vanished   provisioning ready     dispatched running     completed failed    merging  merged    cleanup
  create:      [prov,    there,     there,     there,     there,     there,      there,    there,    there,   there,    there   ],
  provision:   [none,    gone,      'same',    prov,      prov,      prov,       prov,     prov,     'same',  prov,     'busy'  ],
  provisioned: ['never', 'same',    'rest',    'same',    'same',    'same',     'same',   'same',   'same',  'same',   'same'  ],
  dispatch:    [none,    gone,      locked,    'dispatched', running, running,   'dispatched', 'dispatched', 'busy', 'dispatched', 'busy'],
  started:     ['same',  'same',    'same',    'never',   'running', 'never',    'never',  'never',  'same',  'never',  'same'  ],
  complete:    ['same',  'same',    'same',    'never',   'never',   'completed', 'never', 'never',  'same',  'never',  'same'  ],
  fail:        ['same',  'same',    'same',    'never',   'failed',  'failed',   'never',  'never',  'same',  'never',  'same'  ],
  cancel:      [none,    'same',    'same',    unused,    'same',    'same',     'same',   'same',   'same',  'same',   'same'  ],
  cancelled:   ['same',  'same',    'same',    'never',   'failed',  'failed',   'never',  'never',  'same',  'never',  'same'  ],
  lost:        ['same',  'same',    'same',    'never',   'failed',  'failed',   'never',  'never',  'same',  'never',  'same'  ],
  merge:       [none,    'merging', 'merging', 'merging', running,   running,    'merging', 'merging', 'busy', 'merging', 'busy' ],
  landed:      ['never', 'same',    'same',    'merged',  'same',    'same',     'merged', 'merged', 'merged', 'same',   'same'  ],
  conflicts:   ['never', 'never',   'never',   'never',   'never',   'never',    'never',  'never',  'rest',  'never',  'never' ],
  resolved:    ['never', 'never',   'same',    'same',    'same',    'same',     'same',   'same',   'same',  'rest',   'same'  ],
  worked:      ['never', 'never',   'same',    'same',    'same',    'same',     'same',   'same',   'same',  'rest',   'same'  ],
  unlanded:    ['same',  'same',    'same',    'same',    'same',    'same',     'same',   'same',   'same',  'rest',   'same'  ],
  cleanup:     [none,    'cleanup', locked,    'cleanup', running,   running,    'cleanup', 'cleanup', 'busy', 'cleanup', 'busy' ],
  removed:     ['same',  'absent',  'absent',  'absent',  'absent',  'absent',   'absent', 'absent', 'absent', 'absent', 'absent'],
  undo:        ['rest',  nothing,   nothing,   nothing,   nothing,   nothing,    nothing,  nothing,  nothing, nothing,  nothing ],
  recovered:   ['never', 'never',   'rest',    'never',   'never',   'never',    'never',  'never',  'rest',  'never',  'rest'  ],
  withdrawn:   ['never', 'never',   'absent',  'never',   'never',   'never',    'never',  'never',  'never', 'never',  'never' ],
  vanished:    ['never', 'same',    'same',    'vanished', 'vanished', 'vanished', 'vanished', 'vanished', 'same', 'vanished', 'same'  ],
  returned:    ['never', 'rest',    'same',    'never',   'never',   'never',    'never',  'never',  'same',  'never',  'same'  ],
};

export const lifeEvents = Object.keys(lifecycle) as LifeEvent[];

export const outcomeOf = (event: LifeEvent, state: LifeState): LifeOutcome => {
  const outcome = lifecycle[event][lifeStates.indexOf(state)];
  if (outcome === undefined) throw new Error(`the lifecycle has no answer to ${event} in ${state}`);
  return outcome;
};

const moves: readonly string[] = [...lifeStates, 'rest', 'same', 'never'] satisfies LifeOutcome[];

export const isRefusal = (outcome: LifeOutcome): outcome is LifeRefusal => !moves.includes(outcome);

/** Why a worktree in this state refuses a command; `undefined` where it does not. */
export function refusalOf(command: CommandEvent, state: LifeState): LifeRefusal | undefined {
  const outcome = outcomeOf(command, state);
  return isRefusal(outcome) ? outcome : undefined;
}
