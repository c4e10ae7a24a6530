import type { Argv } from '../../domain/provisioning/steps.ts';
import type { HooksSurvey, Targets, TreeSurvey } from '../../domain/provisioning/survey.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Receipt } from '../../domain/worktree-facts.ts';
import type { OnChild } from './git.ts';

export type SurveyRequest = {
  readonly worktree: Worktree;
  /** Every registered worktree: none of them is ever copied from or into. */
  readonly worktrees: readonly Worktree[];
  /** Name of the include file, from the top of the tree. */
  readonly includeFile: string;
  readonly projectId: string | undefined;
  /** Also compares the content of files that exist already. */
  readonly compare: boolean;
  /** No copying has ended well here: what is the beginning of a file counts as lacking. */
  readonly resume: boolean;
};

/** How a command of a step is to run. */
export type StepCommand = {
  readonly argv: Argv;
  readonly cwd: string;
  /** On top of the inherited environment; `undefined` removes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
};

/** What every child of a step is bound to: the intent, and the Ctrl-C that ends it. */
export type ChildBinding = {
  readonly onChild: OnChild;
  /** Carried in the environment of everything that the provisioning starts. */
  readonly marker: { readonly name: string; readonly value: string };
  /** Name of the step, unique among all that run. */
  readonly step: string;
  readonly signal: AbortSignal;
};

/** How a command ended; `output` is the end of stdout and stderr together, without control sequences. */
export type StepEnd = {
  readonly how: 'exited' | 'timeout' | 'interrupted' | 'not-started';
  readonly exitCode: number | null;
  readonly output: string;
};

export type CopyEnd = {
  readonly copied: number;
  readonly interrupted: boolean;
  readonly failed: readonly { readonly path: string; readonly why: string }[];
};

/** What the steps of a provisioning look at and do. */
export type Provisioning = {
  readonly survey: (request: SurveyRequest) => Promise<TreeSurvey>;
  /** The hooks as they are now, for the holder of their lock. */
  readonly hooks: (
    request: Pick<SurveyRequest, 'worktree' | 'worktrees'>,
  ) => Promise<HooksSurvey | undefined>;
  readonly targets: (worktree: string) => Promise<Targets>;
  /** Copies files of the main worktree; one that exists is never overwritten, unless it is cut short (`resume`). */
  readonly copyFiles: (
    paths: readonly Uint8Array[],
    from: string,
    to: string,
    options: { readonly signal: AbortSignal; readonly resume: boolean },
  ) => Promise<CopyEnd>;
  /** Registers submodules in the shared configuration: serialise it. */
  readonly initSubmodules: (worktree: string, paths: readonly string[], onChild: OnChild) => Promise<void>;
  readonly updateSubmodules: (
    worktree: string,
    paths: readonly string[],
    timeoutMs: number,
    binding: ChildBinding,
  ) => Promise<StepEnd>;
  /** Makes `.venv` the main worktree's. */
  readonly linkVenv: (worktree: string, main: string) => Promise<void>;
  /** Writes the project into context.toml. */
  readonly bind: (worktree: string, projectId: string) => Promise<void>;
  /** Runs a command without stdin in a process group of its own; on a timeout or a Ctrl-C ends all it started. */
  readonly run: (command: StepCommand, binding: ChildBinding) => Promise<StepEnd>;
  /** Receipts of a worktree that wt did not make and so has no facts of. */
  readonly looseReceipts: (gitDir: string) => Promise<readonly Receipt[]>;
  readonly keepLooseReceipts: (gitDir: string, receipts: readonly Receipt[]) => Promise<void>;
};
