/** Tells when something changed in a repository that git would see. */
export type RepositoryWatch = {
  /** Resolves at the first change to refs, HEADs or indexes since the last call, after `mostMs` anyway, or at the abort. */
  readonly next: (mostMs: number, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
};
