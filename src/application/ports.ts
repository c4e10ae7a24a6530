import type { LoadedConfig } from '../domain/config.ts';
import type { Repository } from '../domain/repository.ts';
import type { Command } from './command.ts';
import type { Runs, Supervisors } from './ports/agent.ts';
import type { Attic } from './ports/attic.ts';
import type { Checkpoints } from './ports/checkpoints.ts';
import type { Clinic } from './ports/clinic.ts';
import type { FileCopies } from './ports/copies.ts';
import type { DemoStage } from './ports/demo.ts';
import type { Errands } from './ports/errands.ts';
import type { Events } from './ports/events.ts';
import type { Farewell } from './ports/farewell.ts';
import type { Gates } from './ports/gates.ts';
import type { Git, GitEdits } from './ports/git.ts';
import type { Landings } from './ports/landing.ts';
import type { Ledger } from './ports/ledger.ts';
import type { Folders, Processes } from './ports/machine.ts';
import type { Memory } from './ports/memory.ts';
import type { Provisioning } from './ports/provisioning.ts';
import type { Recorder } from './ports/recorder.ts';
import type { Registrations } from './ports/registrations.ts';
import type { Sessions } from './ports/sessions.ts';
import type { FactsStore, Intents, Locks } from './ports/state.ts';
import type { StateFiles } from './ports/state-files.ts';
import type { Territory } from './ports/territory.ts';
import type { Texts } from './ports/texts.ts';
import type { Trash } from './ports/trash.ts';
import type { Trials } from './ports/trials.ts';
import type { UserFiles } from './ports/user-files.ts';

/** The whole outside world of a command. Everything that costs something is behind a function. */
export type Ports = {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly narrator: Narrator;
  readonly terminal: Terminal;
  readonly config: () => Promise<LoadedConfig>;
  readonly territory: Territory;
  readonly texts: Texts;
  /** The repository of `-C` or the current directory, discovered once; or that of another directory. */
  readonly hub: (directory?: string) => Promise<Hub>;
  /** A stage of its own; with the configured claude or the scripted agent. */
  readonly demo: (options: { readonly claude: boolean }) => Promise<DemoStage>;
  /** Every command there is, for the schemas of their answers. */
  readonly commands: () => Promise<readonly Command[]>;
};

/** One repository and everything wt asks of it or does to it. */
export type Hub = {
  readonly repository: Repository;
  readonly git: Git;
  readonly edits: GitEdits;
  readonly landings: Landings;
  readonly gates: Gates;
  readonly ledger: Ledger;
  readonly registrations: Registrations;
  readonly facts: FactsStore;
  readonly locks: Locks;
  readonly intents: Intents;
  readonly processes: Processes;
  readonly sessions: Sessions;
  readonly trash: Trash;
  readonly attic: Attic;
  readonly clinic: Clinic;
  readonly errands: Errands;
  readonly folders: Folders;
  readonly checkpoints: Checkpoints;
  readonly farewell: Farewell;
  readonly provisioning: Provisioning;
  readonly runs: Runs;
  readonly supervisors: Supervisors;
  readonly memory: Memory;
  readonly trials: Trials;
  readonly copies: FileCopies;
  readonly userFiles: UserFiles;
  readonly stateFiles: StateFiles;
  readonly recorder: Recorder;
  readonly events: Events;
};

export type Clock = {
  readonly now: () => Date;
  readonly monotonicMs: () => number;
  readonly uuid: () => string;
};

export type Environment = {
  /** The directory of `-C`, else the current one; throws `cwd_deleted`. */
  readonly cwd: () => string;
  readonly home: string;
  /** The program and the words that started wt, without its arguments. */
  readonly self: readonly string[];
  /** The file in which the shell function that runs wt reads where to go when wt is done. */
  readonly handover?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly version: string;
};

/** What the person or script at the other end sees while a command runs. */
export type Narrator = {
  readonly note: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Replaces the live lines on a terminal's stderr; nothing elsewhere. `[]` clears them. */
  readonly live: (lines: readonly string[]) => void;
  /** Writes to stdout as it is: only for streams and for texts that go through a pager. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
  /** Aborted when the reader of stdout has gone: what only shows may stop then. */
  readonly outputClosed: AbortSignal;
  readonly format: 'people' | 'json' | 'ndjson';
  /** Whether what goes to stdout may have colours. */
  readonly color: boolean;
  /** Terminals: stdin, stdout and stderr, and the width of stdout in columns. */
  readonly tty: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly columns: number;
  };
  /** Aborted on Ctrl-C and SIGTERM; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Resolves when the terminal was closed (SIGHUP). */
  readonly hangup: Promise<void>;
};

export type Terminal = {
  /** Runs a command with wt's own stdin, stdout and stderr; gives how it ended. */
  readonly inherit: (command: readonly [string, ...string[]], options: ChildOptions) => Promise<Ended>;
  /** Runs a command to its end with its output captured. */
  readonly capture: (
    command: readonly [string, ...string[]],
    options: ChildOptions,
  ) => Promise<Ended & { stdout: string; stderr: string }>;
  /** All of a piped or redirected stdin; `undefined` when it is a terminal or neither file nor pipe. */
  readonly readStdin: () => Promise<string | undefined>;
  /** Asks a question that is answered with y or n; only where stdin and stderr are a terminal. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** A text edited in the user's editor; `undefined` when it was left empty. */
  readonly edit: (template: string, command: string) => Promise<string | undefined>;
  readonly readFile: (path: string) => Promise<string>;
  readonly writeFile: (path: string, text: string) => Promise<void>;
  /** Whether an executable of this name is on the PATH (or at this path); gives its path. */
  readonly which: (name: string) => Promise<string | undefined>;
};
export type ChildOptions = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
};
export type Ended = { readonly exitCode: number | null; readonly signal: string | null };
