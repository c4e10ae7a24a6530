/** What the test did to the runs while they ran, for judging what their records say. */
export type Deeds = {
  readonly killed: {
    readonly supervisors: Set<string>;
    readonly agents: Set<string>;
    /** Commands, by their name. */
    readonly commands: Map<string, number>;
  };
  /** When somebody asked for the end of what ran in a worktree; `branch` undefined: everywhere. */
  readonly asked: { readonly branch: string | undefined; readonly from: number; to: number }[];
  /** How commands that nobody killed ended: `name exit-code` and how often. */
  readonly exits: Map<string, number>;
  readonly faults: string[];
};

export const noDeeds = (): Deeds => ({
  killed: { supervisors: new Set(), agents: new Set(), commands: new Map() },
  asked: [],
  exits: new Map(),
  faults: [],
});

export const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

export const shown = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort()
    .map(([name, many]) => `${name}: ${many}`)
    .join(', ');
