/** What wt does beside the command that somebody waits for. */
export type Errands = {
  /**
   * Starts a process that lets expired entries of the trash go once this one has ended, if it is time and no other
   * command has done so; costs one look at a file.
   */
  readonly tidyTrash: () => Promise<void>;
  /** Removes the scratch folders that a wt which was killed more than a day ago has left. */
  readonly dropLeftovers: () => Promise<void>;
};
