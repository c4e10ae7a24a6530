import * as z from 'zod';
import { DispatchAnswer } from './answers/dispatch.ts';
import { Binding, RunRecording } from './orchestration/binding.ts';
import { ProcessIdentity } from './process.ts';

/** What the user asked of a run, resolved: nothing in it is read from the configuration again. */
export const DispatchRequest = z.object({
  /** claude's `--allowedTools`. */
  tools: z.array(z.string()),
  timeout_ms: z.int().positive(),
  /** Between SIGTERM and SIGKILL. */
  grace_ms: z.int().nonnegative(),
  /** How long claude may stay silent after its result before it is ended: it waits for background tasks first. */
  linger_ms: z.int().positive(),
  resume: z.boolean(),
  allow_empty: z.boolean(),
  allow_push: z.boolean(),
  commit: z.boolean(),
  /** How long there may be no event while no tool runs; `null` without such a limit. */
  stall_ms: z.int().positive().nullable().default(null),
  /** How often an API error is answered by continuing the session. */
  retries: z.int().nonnegative().default(0),
  /** Park until a rate limit is over, then continue the session. */
  wait_for_limit: z.boolean().default(false),
  until: z
    .object({
      /** A shell command, run in the worktree with the agent's environment. */
      command: z.string(),
      /** How often claude may be at work in all. */
      attempts: z.int().positive(),
    })
    .nullable()
    .default(null),
  /** Shell commands that get the dispatch object on stdin when the run has ended or is parked. */
  notify: z.array(z.string()).default([]),
  /** Between two checkpoints; 0 for none. */
  checkpoint_ms: z.int().nonnegative().default(0),
  /** Absolute: where Write and Edit are allowed besides the worktree. */
  allow_outside: z.array(z.string()).default([]),
  model: z.string().nullable().default(null),
  /** The model of the last attempt of `until`. */
  escalate_model: z.string().nullable().default(null),
  /** The executable and the whole argv after it. */
  command: z.string(),
  args: z.array(z.string()),
  /** The argv that continues the session, and the one that does so with `escalate_model`. */
  resume_args: z.array(z.string()).default([]),
  escalated_args: z.array(z.string()).default([]),
  /** Variables set on top of the environment that wt was started in, and those taken out of it. */
  env: z.record(z.string(), z.string()),
  unset: z.array(z.string()),
});
export type DispatchRequest = z.infer<typeof DispatchRequest>;

/** Why a run is being ended before claude is done. */
export const StopCause = z.enum(['timeout', 'stalled', 'cancelled', 'interrupted']);
export type StopCause = z.infer<typeof StopCause>;

/** Whether claude is asked for a structured output. */
export const isStructured = ({ args }: Pick<DispatchRequest, 'args'>): boolean =>
  args.some((argument) => argument === '--json-schema' || argument.startsWith('--json-schema='));

/**
 * `runs/<dispatch_id>/run.json`: the record that the supervisor keeps (temporary file, fsync, rename).
 * `dispatch` is what the commands answer with; the rest is evidence.
 */
export const DispatchRecord = z.object({
  version: z.literal(1),
  phase: z.enum(['preparing', 'starting', 'running', 'parked', 'checking', 'ending', 'ended']),
  dispatch: DispatchAnswer,
  request: DispatchRequest,
  /** The worktree's own git directory, by which a moved worktree is recognised. */
  git_dir: z.string().nullable(),
  /** When the worktree was made, as its facts say; compared for equality, since a clock may be set back. */
  worktree_created_at: z.string().optional(),
  /** The other checkouts whose files are compared before and after. */
  watched: z.array(z.string()),
  launcher: ProcessIdentity,
  supervisor: ProcessIdentity.nullable(),
  claude: ProcessIdentity.nullable(),
  /** `NAME=value` in the environment of everything the run starts. */
  marker: z.object({ name: z.string(), value: z.string() }),
  /** Why the supervisor is ending claude, written before the first signal. */
  stopping: StopCause.nullable(),
  /** Whether claude announced its session, so that `--resume` finds it. */
  session_started: z.boolean(),
  /** Bytes of the stream before the current attempt began. */
  stream_offset: z.int().nonnegative().default(0),
  /** The same of every attempt, so that a reader of the stream knows which one a line is of. */
  attempt_offsets: z.array(z.int().nonnegative()).optional(),
  /** How long claude ran in the attempts before this one. */
  ran_ms: z.int().nonnegative().default(0),
  /** The agent whose work this run is, and how far the recording of that has come. */
  binding: Binding.optional(),
  recording: RunRecording.optional(),
  /** Whether the event of its end is in the journal, and those to be told of it were. */
  announced: z.boolean().default(false),
});
export type DispatchRecord = z.infer<typeof DispatchRecord>;

/** `stop.json` in a run's folder asks its supervisor to end claude. */
export const StopRequest = z.object({
  version: z.literal(1),
  cause: z.enum(['cancelled', 'interrupted']),
  grace_ms: z.int().nonnegative(),
});
export type StopRequest = z.infer<typeof StopRequest>;

/** A dispatch of which nothing is known. */
export const blankDispatch: DispatchAnswer = {
  dispatch_id: null,
  worktree_path: null,
  branch: null,
  project_id: null,
  pid: null,
  status: null,
  reason: null,
  session_id: null,
  result: null,
  structured_output: null,
  num_turns: null,
  total_cost_usd: null,
  duration_ms: null,
  exit_code: null,
  signal: null,
  permission_denials: [],
  base_sha: null,
  start_sha: null,
  head_sha: null,
  commits: null,
  uncommitted_changes: null,
  leaks: [],
  started_at: null,
  finished_at: null,
  log_path: null,
  resets_at: null,
  checkpoint: null,
  orchestration: null,
  attempts: [],
  warnings: [],
  error: null,
};

/** `dispatch-YYYYMMDD-NNN`: UTC day, three or more digits, unique in the repository. */
export const dispatchIdPattern = /^dispatch-(\d{8})-(\d{3,})$/;

/** The id after the highest of the day. Ids never go back, also when the clock does: their order is the order of the runs. */
export function nextDispatchId(now: Date, existing: readonly string[]): string {
  const today = now.toISOString().slice(0, 10).replaceAll('-', '');
  const days = existing.map((id) => dispatchIdPattern.exec(id)?.[1] ?? '');
  const day = days.reduce((latest, each) => (each > latest ? each : latest), today);
  const used = existing.flatMap((id) => {
    const [, itsDay, number] = dispatchIdPattern.exec(id) ?? [];
    return itsDay === day ? [Number(number)] : [];
  });
  return `dispatch-${day}-${String(Math.max(0, ...used) + 1).padStart(3, '0')}`;
}

/** Dispatch ids newest first, by day and number (1000 comes after 999). */
export function newestFirst(a: string, b: string): number {
  const [, dayA = '', numberA = ''] = dispatchIdPattern.exec(a) ?? [];
  const [, dayB = '', numberB = ''] = dispatchIdPattern.exec(b) ?? [];
  return dayA === dayB ? Number(numberB) - Number(numberA) : dayA < dayB ? 1 : -1;
}

/** A worktree as runs know it. One that took the place of a removed one has none of the earlier runs. */
export type RunPlace = {
  readonly path: string;
  readonly gitDir: string | undefined;
  readonly facts?: { readonly created_at: string } | undefined;
};

/** Whether a run was in this worktree. One that was moved is known by its git directory. */
export function isRunIn(record: DispatchRecord, { path, gitDir, facts }: RunPlace): boolean {
  const { dispatch, git_dir, phase, worktree_created_at: madeAt } = record;
  const isHere = dispatch.worktree_path === path || (git_dir !== null && git_dir === gitDir);
  if (!isHere || facts === undefined || phase !== 'ended') return isHere; // what runs here is in the way, whenever
  if (madeAt !== undefined) return madeAt === facts.created_at;
  return Date.parse(dispatch.started_at ?? '') >= Date.parse(facts.created_at);
}

/** The newest run in a worktree; `records` are newest first. */
export const newestRun = (
  records: readonly DispatchRecord[],
  worktree: RunPlace,
): DispatchRecord | undefined => records.find((record) => isRunIn(record, worktree));

/** Whether a run brought something: what `wait` and a landing call done. */
export const isCompleteWithWork = ({ status, reason }: Pick<DispatchAnswer, 'status' | 'reason'>): boolean =>
  status === 'complete' && (reason === null || reason === 'dirty');
