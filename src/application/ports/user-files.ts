/** A text file of a person, as it was read. */
export type UserFile = {
  /** Its real path. */
  readonly path: string;
  /** `undefined` where there is none. */
  readonly text: string | undefined;
};

/** Files that belong to a person, into which wt puts something. Nothing of them is lost when something fails. */
export type UserFiles = {
  /** Throws where it is no text file that can be written. */
  readonly read: (path: string) => Promise<UserFile>;
  /** Puts another text into it, with its mode, in one step; `undefined` removes it. Throws `busy` when it has changed since. */
  readonly replace: (file: UserFile, text: string | undefined) => Promise<void>;
  /** The same of a file that git writes too: under git's own lock of it. */
  readonly replaceLocked: (file: UserFile, text: string | undefined) => Promise<void>;
};
