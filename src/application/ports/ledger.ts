import type { LandingFacts, LedgerEntry, NewEntry, Standing } from '../../domain/ledger.ts';
import type { Writer } from './registrations.ts';

/** What has landed, each as a record and a ref; written under the repository's lock. */
export type Ledger = {
  /** An entry with a number that no landing has; writes nothing. */
  readonly draft: (facts: LandingFacts) => Promise<NewEntry>;
  /** Makes record and ref of a landing; either may be there already. */
  readonly enter: (entry: LedgerEntry, writer: Writer) => Promise<void>;
  /** Writes down what has become of an entry. */
  readonly amend: (entry: LedgerEntry) => Promise<void>;
  /** The last that landed first. */
  readonly list: () => Promise<readonly LedgerEntry[]>;
  /** How entries stand now, by their numbers; few processes for any number of them. */
  readonly standings: (entries: readonly LedgerEntry[]) => Promise<ReadonlyMap<number, Standing>>;
  /** Those of the entries whose work is in no branch, tag or remote-tracking branch. */
  readonly unkept: (entries: readonly Pick<LedgerEntry, 'n' | 'after'>[]) => Promise<ReadonlySet<number>>;
  /** Removes records and refs. */
  readonly forget: (numbers: readonly number[]) => Promise<void>;
};
