import { isFailure } from '../../domain/failure.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Receipt, WorktreeFacts } from '../../domain/worktree-facts.ts';
import type { Hub } from '../ports.ts';

/** What a worktree has on record about its provisioning. */
export type Ledger = {
  readonly receipts: readonly Receipt[];
  readonly keep: (receipt: Receipt) => Promise<void>;
  readonly drop: (step: string) => Promise<void>;
  /** The outcome of the whole; receipts of steps that the tree no longer calls for go. */
  readonly close: (outcome: Outcome) => Promise<void>;
};
export type Outcome = {
  readonly provisioned: boolean;
  readonly shareVenv: boolean;
  readonly steps: readonly string[];
};

/**
 * The receipts of a worktree: in its facts, or in a file of their own for one that another tool made. Each change
 * reads, changes and writes under the repository's lock, which is not given up for a Ctrl-C: a finished step keeps
 * its receipt.
 */
export async function openLedger(hub: Hub, worktree: Worktree): Promise<Ledger> {
  const { gitDir } = worktree;
  if (gitDir === undefined) return closedLedger;
  const facts = await hub.facts.read(gitDir);
  const receipts = facts?.receipts ?? (await hub.provisioning.looseReceipts(gitDir));
  const change = (edit: (before: readonly Receipt[]) => Receipt[], outcome?: Outcome) =>
    hub.locks.hold(
      'repository',
      async () => {
        const now = await hub.facts.read(gitDir);
        if (now === undefined) {
          const before = await hub.provisioning.looseReceipts(gitDir);
          const after = edit(before);
          if (!same(before, after)) await hub.provisioning.keepLooseReceipts(gitDir, after);
          return;
        }
        const after: WorktreeFacts = {
          ...now,
          receipts: edit(now.receipts),
          ...(outcome === undefined
            ? {}
            : { provisioned: outcome.provisioned, share_venv: now.share_venv || outcome.shareVenv }),
        };
        if (!same(now, after)) await hub.facts.write(gitDir, after);
      },
      { purpose: 'wt provision, receipts' },
    );
  return {
    receipts,
    keep: (receipt) => change((before) => [...before.filter(({ step }) => step !== receipt.step), receipt]),
    drop: (step) => change((before) => before.filter((receipt) => receipt.step !== step)),
    close: async (outcome) => {
      const isCurrent = (receipt: Receipt) => outcome.steps.includes(receipt.step);
      const settled =
        facts === undefined ||
        (facts.provisioned === outcome.provisioned && (facts.share_venv || !outcome.shareVenv));
      if (settled && receipts.every(isCurrent)) return;
      await change((before) => before.filter(isCurrent), outcome);
    },
  };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const closedLedger: Ledger = {
  receipts: [],
  keep: async () => {},
  drop: async () => {},
  close: async () => {},
};

/** Runs what may fail on purpose; gives the failure. Anything else that is thrown is a bug and passes. */
export async function failureOf(work: () => Promise<void>) {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}
