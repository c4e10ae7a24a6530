import type { GateRecord } from '../../domain/gate.ts';
import type { Sha } from '../../domain/sha.ts';
import type { ChildBinding } from './provisioning.ts';
import type { Writer } from './registrations.ts';

/** What a result is remembered by. */
export type GateKey = { readonly tree: Sha; readonly command: string };

/** A gate to be run. */
export type GateCommand = GateKey & {
  readonly cwd: string;
  /** On top of the inherited environment; `undefined` removes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
};

/** How a gate ended; nothing that it had started is left. */
export type GateEnd = {
  readonly how: 'exited' | 'timeout' | 'interrupted' | 'not-started';
  /** `null` for an end by a signal. */
  readonly exitCode: number | null;
  /** The end of stdout and stderr together, about 4 KB, without control sequences. */
  readonly tail: string;
  /** All of the output, up to a bound; `undefined` when it could not be written. */
  readonly logPath: string | undefined;
  /** What it had left running and was ended, by command line. */
  readonly leftovers: readonly string[];
};

/** What a room shows. */
export type RoomPlace = {
  readonly commit: Sha;
  /** Folders of objects that are not in the repository. */
  readonly objects: readonly string[];
  /** The branch that the commit is to land on, and where that is before it does. */
  readonly target: string;
  readonly before: Sha | undefined;
};

/**
 * A checkout in a repository of its own, which nobody else knows: it reads the objects of the real one and has
 * copies of its refs, so that nothing that runs in it can reach a ref or an index of the user's.
 */
export type Room = {
  readonly path: string;
  readonly gitDir: string;
  /**
   * Shows a commit, on a detached HEAD. Whatever was done in the room before is gone, except what installers made
   * (node_modules, .venv), which their receipts judge.
   */
  readonly moveTo: (place: RoomPlace, writer: Writer) => Promise<void>;
  /** Takes back what was changed since, but not what git ignores. */
  readonly tidy: (writer: Writer) => Promise<void>;
  /** The tracked paths that differ from the commit. */
  readonly changed: () => Promise<readonly string[]>;
  /** Whether it is still the repository that was made here. */
  readonly isWhole: () => boolean;
  readonly close: () => Promise<void>;
};

/** Where gates run, and what they found before. */
export type Gates = {
  /** Beside the worktrees; `apart` in the system's temporary folder, so that a dry run leaves everything alone. */
  readonly openRoom: (options: { readonly apart: boolean; readonly like: Sha }) => Promise<Room>;
  /** Removes rooms whose wt is gone. */
  readonly sweep: () => Promise<void>;
  /** Runs a gate without stdin in a process group of its own, its output in a log below the control plane. */
  readonly run: (gate: GateCommand, binding: ChildBinding) => Promise<GateEnd>;
  /** What an earlier run of the command found on the tree, with its log if that is still there. */
  readonly recall: (
    key: GateKey,
  ) => Promise<{ readonly record: GateRecord; readonly logPath: string | undefined } | undefined>;
  /** Keeps a result for some time; a control plane that cannot be written remembers nothing. */
  readonly remember: (record: GateRecord) => Promise<void>;
};
