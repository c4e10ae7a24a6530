import * as z from 'zod';
import { DispatchAnswer } from './answers/dispatch.ts';
import { ProcessIdentity } from './process.ts';

/** What the user asked of a run, resolved: nothing in it is read from the configuration again. */
export const DispatchRequest = z.object({
  /** claude's `--allowedTools`. */
  tools: z.array(z.string()),
  timeout_ms: z.int().positive(),
  grace_ms: z.int().nonnegative(),
  resume: z.boolean(),
  allow_empty: z.boolean(),
  allow_push: z.boolean(),
  commit: z.boolean(),
  /** The executable and the whole argv after it. */
  command: z.string(),
  args: z.array(z.string()),
  /** Variables set on top of the inherited environment of wt. */
  env: z.record(z.string(), z.string()),
});
export type DispatchRequest = z.infer<typeof DispatchRequest>;

/**
 * `runs/<dispatch_id>/run.json`: the record that the supervisor keeps (temporary file, fsync, rename).
 * `dispatch` is what the commands answer with; the rest is evidence.
 */
export const DispatchRecord = z.object({
  version: z.literal(1),
  phase: z.enum(['preparing', 'starting', 'running', 'ending', 'ended']),
  dispatch: DispatchAnswer,
  request: DispatchRequest,
  /** The worktree's own git directory, by which a moved worktree is recognised. */
  git_dir: z.string().nullable(),
  launcher: ProcessIdentity,
  supervisor: ProcessIdentity.nullable(),
  claude: ProcessIdentity.nullable(),
  /** `NAME=value` in the environment of everything the run starts. */
  marker: z.object({ name: z.string(), value: z.string() }),
  /** Why the supervisor is ending claude, written before the first signal. */
  stopping: z.enum(['timeout', 'cancelled', 'interrupted']).nullable(),
});
export type DispatchRecord = z.infer<typeof DispatchRecord>;

/** `dispatch-YYYYMMDD-NNN`: UTC day, three or more digits, unique in the repository. */
export const dispatchIdPattern = /^dispatch-(\d{8})-(\d{3,})$/;

/** The id after the highest of that day among the existing ones. */
export function nextDispatchId(now: Date, existing: readonly string[]): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const used = existing.flatMap((id) => {
    const [, itsDay, number] = dispatchIdPattern.exec(id) ?? [];
    return itsDay === day ? [Number(number)] : [];
  });
  return `dispatch-${day}-${String(Math.max(0, ...used) + 1).padStart(3, '0')}`;
}

/** The newest run in a worktree; `records` are newest first. A worktree that was moved is known by its git directory. */
export const newestRun = (
  records: readonly DispatchRecord[],
  worktree: { readonly path: string; readonly gitDir: string | undefined },
): DispatchRecord | undefined =>
  records.find(
    (record) =>
      record.dispatch.worktree_path === worktree.path ||
      (record.git_dir !== null && record.git_dir === worktree.gitDir),
  );
