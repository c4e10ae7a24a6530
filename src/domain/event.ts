import * as z from 'zod';
import { Id, Timestamp } from './answers/common.ts';
import { AttemptAnswer, DispatchReason, DispatchStatus } from './answers/dispatch.ts';
import type { DispatchRecord } from './dispatch.ts';

const stamp = { seq: z.int().positive(), time: Timestamp };

const ofRun = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({
    ...stamp,
    type: z.literal(type),
    worktree_path: z.string().nullable(),
    dispatch_id: z.string(),
    data: z.object({ branch: z.string().nullable(), ...data }),
  });

const ofWorktree = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({
    ...stamp,
    type: z.literal(type),
    worktree_path: z.string(),
    dispatch_id: z.null(),
    data: z.object({ branch: z.string().nullable(), ...data }),
  });

const attempt = {
  /** Which process of claude in this run, from 1. */
  attempt: AttemptAnswer.shape.number,
  pid: AttemptAnswer.shape.pid,
  model: AttemptAnswer.shape.model,
};
/** The id of the operation, the same however often recovery had to go on with it. */
const operation = { operation: z.string() };

/** One line of the journal: something that happened in the repository, numbered from 1 without gaps. */
export const Event = z.discriminatedUnion('type', [
  ofRun('dispatch.started', attempt),
  /** Another supervisor has taken it over, whose own had died. */
  ofRun('dispatch.adopted', attempt),
  /** It waits for a limit to be over. */
  ofRun('dispatch.parked', {
    attempt: attempt.attempt,
    reason: DispatchReason.nullable(),
    resets_at: Timestamp.nullable(),
  }),
  /** Another attempt began. */
  ofRun('dispatch.resumed', { ...attempt, cause: AttemptAnswer.shape.cause }),
  ofRun('dispatch.finished', {
    status: DispatchStatus.nullable(),
    reason: DispatchReason.nullable(),
    attempts: z.int().nonnegative(),
    commits: z.int().nonnegative().nullable(),
    total_cost_usd: z.number().nonnegative().nullable(),
    duration_ms: z.int().nonnegative().nullable(),
    finished_at: Timestamp.nullable(),
  }),
  ofWorktree('worktree.created', {
    ...operation,
    project_id: z.string().nullable(),
    base: z.string().nullable(),
    base_sha: Id.nullable(),
    provisioned: z.boolean().nullable(),
  }),
  ofWorktree('worktree.removed', { ...operation, trash: z.string(), branch_deleted: z.boolean() }),
  ofWorktree('worktree.restored', { ...operation, trash: z.string() }),
  ofWorktree('landing.merged', { ...operation, target: z.string(), target_before: Id, target_after: Id }),
  /** `wt undo` has put the target back to where it was before a landing. */
  ofWorktree('landing.undone', {
    ...operation,
    landing: z.string(),
    target: z.string(),
    target_before: Id,
    target_after: Id,
  }),
  /** A landing was asked for and changed nothing. */
  ofWorktree('landing.conflicts', {
    target: z.string(),
    target_before: Id,
    conflicts: z.int().positive(),
    /** The first of them. */
    paths: z.array(z.string()),
  }),
  /** A landing was asked for, and its merged tree did not pass a gate. */
  ofWorktree('landing.gate_failed', {
    target: z.string(),
    target_before: Id,
    command: z.string(),
    exit_code: z.int().nullable(),
  }),
]);
export type Event = z.infer<typeof Event>;

type Unstamped<E> = E extends Event ? Omit<E, keyof typeof stamp> : never;
/** An event before the journal has given it its number and time. */
export type NewEvent = Unstamped<Event>;

/** How many paths an event names at most. */
export const mostPaths = 20;

/** A line of the journal; `undefined` for what is none. Types that a newer wt knows are given as they are. */
export function readEvent(line: string): Event | undefined {
  try {
    const value = JSON.parse(line) as Partial<Event> | null;
    const isEvent =
      Number.isSafeInteger(value?.seq) && Number(value?.seq) > 0 && typeof value?.type === 'string';
    return isEvent ? (value as Event) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two events tell of the same happening, which the journal has once, however often it is told. */
export function isSameHappening(a: NewEvent, b: NewEvent): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'dispatch.finished') return a.dispatch_id === b.dispatch_id;
  const operations = [a, b].map(({ data }) => ('operation' in data ? data.operation : undefined));
  return operations[0] !== undefined && operations[0] === operations[1];
}

/** A text that stands in the line of every event of the same happening; `undefined` where each is one of its own. */
export function happeningOf(event: NewEvent): string | undefined {
  if (event.type === 'dispatch.finished') return event.dispatch_id;
  return 'operation' in event.data ? event.data.operation : undefined;
}

const placeOf = ({ dispatch }: DispatchRecord) => ({
  worktree_path: dispatch.worktree_path,
  dispatch_id: dispatch.dispatch_id ?? '',
});

function attemptOf({ dispatch: { branch, pid, attempts } }: DispatchRecord) {
  const { number = 1, model = null, pid: own = null } = attempts.at(-1) ?? {};
  return { branch, attempt: number, pid: own ?? pid, model };
}

/** A process of claude was started: the first of the run, or one that goes on. */
export function startedEvent(record: DispatchRecord): NewEvent {
  const data = attemptOf(record);
  const { cause = 'dispatch' } = record.dispatch.attempts.at(-1) ?? {};
  return data.attempt === 1
    ? { type: 'dispatch.started', ...placeOf(record), data }
    : { type: 'dispatch.resumed', ...placeOf(record), data: { ...data, cause } };
}

export function adoptedEvent(record: DispatchRecord): NewEvent {
  return { type: 'dispatch.adopted', ...placeOf(record), data: attemptOf(record) };
}

export function parkedEvent(record: DispatchRecord): NewEvent {
  const { branch, reason, resets_at, attempts } = record.dispatch;
  const data = { branch, attempt: attempts.at(-1)?.number ?? 1, reason, resets_at };
  return { type: 'dispatch.parked', ...placeOf(record), data };
}

export function finishedEvent(record: DispatchRecord): NewEvent {
  const { branch, status, reason, attempts, commits, total_cost_usd, duration_ms, finished_at } =
    record.dispatch;
  return {
    type: 'dispatch.finished',
    ...placeOf(record),
    data: {
      branch,
      status,
      reason,
      attempts: attempts.length,
      commits,
      total_cost_usd,
      duration_ms,
      finished_at,
    },
  };
}
