import type { Intent, IntentOperation } from '../../domain/intent.ts';
import type { WorktreeFacts } from '../../domain/worktree-facts.ts';
import type { OnChild } from './git.ts';

/** `wt.json` in a worktree's own git directory. */
export type FactsStore = {
  readonly read: (gitDir: string) => Promise<WorktreeFacts | undefined>;
  readonly write: (gitDir: string, facts: WorktreeFacts) => Promise<void>;
  /** The worktrees used last, newest first (at most two). */
  readonly lastUsed: () => Promise<readonly string[]>;
  readonly rememberUsed: (path: string) => Promise<void>;
};

/** What a lock's holder checks just before it commits. */
export type Lease = { readonly assertHeld: () => void };

/** Mutual exclusion between all wt processes of a repository: short fair waits, `busy` at the end. */
export type Locks = {
  readonly hold: <T>(
    name: string,
    work: (lease: Lease) => Promise<T>,
    options?: {
      readonly waitMs?: number;
      readonly onWait?: (holder: string, waitedMs: number) => void;
      readonly signal?: AbortSignal;
      readonly purpose?: string;
    },
  ) => Promise<T>;
};

/** An open intent. Every change is on disk before the promise (or, for `child`, the call) is done. */
export type OpenIntent = {
  readonly id: string;
  readonly child: OnChild;
  readonly step: (step: string, data?: Readonly<Record<string, unknown>>) => Promise<void>;
};
export type Intents = {
  /**
   * Runs `work` between writing an intent and clearing it. When `work` throws, the intent stays: an operation
   * that rolled itself back catches its failure inside `work`, or clears the intent by its id.
   */
  readonly during: <T>(
    operation: IntentOperation,
    facts: {
      readonly worktreePath: string | null;
      readonly step: string;
      readonly data: Readonly<Record<string, unknown>>;
    },
    work: (intent: OpenIntent) => Promise<T>,
  ) => Promise<T>;
  readonly list: () => Promise<
    readonly { readonly intent: Intent; readonly owner: 'alive' | 'dead' | 'unknown' }[]
  >;
  readonly clear: (id: string) => Promise<void>;
};
