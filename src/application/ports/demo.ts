/** How a command of the demo ended. */
export type Shown = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** The temporary repository of `wt demo` and the processes in it; wt runs there as its user would run it. */
export type DemoStage = {
  readonly folder: string;
  /** The main checkout. */
  readonly repository: string;
  readonly wt: (...args: readonly string[]) => Promise<Shown>;
  /** Starts wt and leaves it running; gives its pid. */
  readonly start: (...args: readonly string[]) => Promise<number>;
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly write: (path: string, text: string) => Promise<void>;
  /** The text of a file; `undefined` when it is not there. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** SIGKILL. */
  readonly kill: (pid: number) => void;
  readonly isAlive: (pid: number) => boolean;
  /** Looks every 20 ms until there is a value; fails after 30 s, naming what it waited for. */
  readonly until: <T>(what: string, look: () => Promise<T | undefined>) => Promise<T>;
  /** Ends what runs there still, and removes the folder unless it is to be kept. */
  readonly close: (keep: boolean) => Promise<void>;
};
