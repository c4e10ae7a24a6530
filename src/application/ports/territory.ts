import type { Checkout } from '../../domain/tool-guard.ts';

/** A checkout by its files. */
export type FoundCheckout = Checkout & {
  /** The git directory that it shares with the other checkouts of its repository. */
  readonly commonDir: string;
};

/** Where paths really are and whose they are, told from files alone: no git process. */
export type Territory = {
  /**
   * Where a path (absolute, `~`, or relative to `cwd`) leads: `..` resolved as text, as claude does, then links,
   * also those that lead to nothing yet. `undefined` where that depends on who looks (/proc) or has no end.
   */
  readonly leadsTo: (path: string, cwd: string) => Promise<string | undefined>;
  /** The innermost checkout that contains a real path; that of a submodule counts to what it is in. */
  readonly checkoutOf: (path: string) => Promise<FoundCheckout | undefined>;
};
