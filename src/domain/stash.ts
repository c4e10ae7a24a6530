/** A stash with the branch that it was made on, as its message says. */
export type Stash = { readonly name: string; readonly branch: string | undefined };

/** The branch in the message that git gives a stash: `WIP on <branch>: …` or `On <branch>: …`. */
export const stashedOn = (message: string): string | undefined => /^(?:WIP on|On) (.+?): /.exec(message)?.[1];
