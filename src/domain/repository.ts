/** The repository that a command works on, as discovered from `-C` and the current directory. */
export type Repository = {
  /** The real path of the common git directory, shared by all worktrees. */
  readonly commonDir: string;
  /** The main work tree; `undefined` for a bare hub, or where git cannot tell. */
  readonly main: string | undefined;
  readonly bare: boolean;
  /** `core.ignorecase`: names that differ only in case are one file, and one ref. */
  readonly ignoreCase: boolean;
  /** Name for templates: `jerry`, or `prover` for a bare `prover.git`. */
  readonly name: string;
  /** The folder that contains the main work tree (or the bare hub). */
  readonly parent: string;
  /** Top of the work tree that contains the current directory. */
  readonly current: string | undefined;
  /** The control plane: `<commonDir>/wt`. */
  readonly stateDir: string;
  /** Folder of the repository's hooks, where `core.hooksPath` points. */
  readonly hooksDir: string;
};
