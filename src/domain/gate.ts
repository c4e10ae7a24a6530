import * as z from 'zod';
import { type Failure, failures } from './failure.ts';
import { oneLine, visibleText } from './plain-text.ts';
import { Sha } from './sha.ts';
import { Warning } from './warning.ts';
import { worktreeEnvironment } from './worktree-environment.ts';

/** How a gate ended that did not pass: `provisioning` and `not_started` ran nothing of it. */
export const GateReason = z.enum([
  'failed',
  'signal',
  'timeout',
  'interrupted',
  'not_started',
  'provisioning',
]);
export type GateReason = z.infer<typeof GateReason>;

/** A gate in an answer: a command that was run on a merged tree. */
export const GateAnswer = z.object({
  command: z.string(),
  /** `null` when it did not exit by itself. */
  exit_code: z.int().nullable(),
  /** Of the run itself, also when the result was remembered. */
  duration_ms: z.int().nonnegative(),
  /** Whether an earlier run on the same tree answers. */
  cached: z.boolean(),
  /** `null` when it passed. */
  reason: GateReason.nullable(),
  log_path: z.string().nullable(),
});
export type GateAnswer = z.infer<typeof GateAnswer>;

/** What a gate's run left behind, kept by tree and command. */
export const GateRecord = z.object({
  version: z.literal(1),
  tree: Sha,
  command: z.string(),
  exit_code: z.int(),
  duration_ms: z.int().nonnegative(),
  /** The end of its output. */
  tail: z.string(),
  warnings: z.array(Warning),
  at: z.string(),
});
export type GateRecord = z.infer<typeof GateRecord>;

/** The branch whose merge is tested. */
export type GateCandidate = {
  readonly name: string;
  readonly branch: string | undefined;
  readonly worktreePath: string;
  readonly projectId: string | undefined;
  /** The variable that carries the project, as recorded; else the configured one. */
  readonly variable?: string | undefined;
};

/** A merged tree to be tested. */
export type GateSubject = {
  readonly tree: Sha;
  readonly commit: Sha;
  readonly candidate: GateCandidate;
  /** Name of the branch it is to land on. */
  readonly target: string;
  /** Where the target is before it lands, also when that is no commit of the repository yet. */
  readonly before?: Sha | undefined;
};

/**
 * What a gate finds in its environment beside the user's own: the project as in its worktree, and what is tested.
 * `undefined` removes.
 */
export const gateEnvironment = (
  { commit, candidate, target, before }: GateSubject,
  room: { readonly path: string; readonly variable: string },
): Readonly<Record<string, string | undefined>> => ({
  ...worktreeEnvironment(
    {
      path: room.path,
      facts: { variable: candidate.variable ?? null, project_id: candidate.projectId ?? null },
    },
    room.variable,
  ),
  WT_GATE_BRANCH: candidate.branch,
  WT_GATE_TARGET: target,
  WT_GATE_COMMIT: commit,
  WT_GATE_BASE: before,
});

/**
 * Whether the end of a gate says something about the tree. 126 and 127 say that the command could not be run here,
 * more than 128 that a signal ended it.
 */
export const isMemorable = (exitCode: number): boolean => exitCode <= 125;

/** What runs gates again whose results are remembered. */
export const freshFlag = '--fresh-gates';

/** The failure of a gate, told with how it ended; `detail` is what is known beyond that. */
export function gateFailure(
  gate: GateAnswer,
  {
    name,
    detail = '',
    output = '',
    timeoutMs,
  }: {
    readonly name: string;
    readonly detail?: string;
    /** The end of what it wrote. */
    readonly output?: string;
    readonly timeoutMs: number;
  },
): Failure {
  const { command, reason, exit_code, log_path, cached } = gate;
  const why: Readonly<Record<GateReason, string>> = {
    failed: `exit ${exit_code}${cached ? ', as an earlier run on the same tree found' : ''}`,
    signal: 'it was ended by a signal',
    timeout: `it was ended after ${timeoutMs / 1000} s (merge.gate_timeout)`,
    interrupted: 'it was interrupted',
    not_started: `it could not be started: ${detail}`,
    provisioning: `the merged tree could not be provisioned: ${detail}`,
  };
  const again = `mend the branch, or run the gates again with ${freshFlag}`;
  return failures.gateFailed(
    { command, reason: reason ?? 'failed', exit_code, log_path, output },
    { worktree: name, shown: oneLine(command), why: why[reason ?? 'failed'], again },
  );
}

/** Names up to three of the tracked files that a gate changed: what lands is the merged tree all the same. */
export function changedFilesWarning(command: string, paths: readonly string[]): Warning | undefined {
  if (paths.length === 0) return undefined;
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return {
    code: 'gate_changed_files',
    message: `the gate '${oneLine(command)}' changed ${paths.slice(0, 3).map(visibleText).join(', ')}${more}; what lands is without that`,
  };
}
