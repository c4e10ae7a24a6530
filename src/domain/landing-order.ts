/** A candidate for landing, as far as it decides when its turn is. */
export type Contender = {
  /** What a person calls it. */
  readonly name: string;
  /** `undefined` where HEAD is detached. */
  readonly branch: string | undefined;
  readonly target: string;
  /** The branch that it was started from, as recorded. */
  readonly base: string | undefined;
  /** Positions of the others that it conflicts with. */
  readonly conflictsWith: readonly number[];
  readonly conflictsWithTarget: boolean;
  /** When its work was done, RFC 3339; empty where that is not known. */
  readonly age: string;
};

/** A turn: the position of the contender, and why it is there. */
export type Turn = { readonly at: number; readonly why: string };

/**
 * Fewest conflicts first, so that as many as possible land; then what others are based on, then the oldest work, then
 * the order given. What lands on the branch of another comes before that one in any case, to land with it.
 */
export function landingOrder(contenders: readonly Contender[]): readonly Turn[] {
  const depths = contenders.map((each) => depthOf(each, contenders));
  const rank = (at: number): readonly (number | string)[] => {
    const { conflictsWithTarget, conflictsWith, age } = contenders[at] as Contender;
    return [Number(conflictsWithTarget), conflictsWith.length, depths[at] ?? 0, age];
  };
  const sorted = [...contenders.keys()].sort((a, b) => compare(rank(a), rank(b)) || a - b);
  const order: number[] = [];
  const place = (at: number, waiting: ReadonlySet<number>): void => {
    if (order.includes(at) || waiting.has(at)) return;
    const { branch } = contenders[at] as Contender;
    for (const other of sorted)
      if (branch !== undefined && contenders[other]?.target === branch)
        place(other, new Set([...waiting, at]));
    order.push(at);
  };
  for (const at of sorted) place(at, new Set());
  return order.map((at) => ({ at, why: reasonOf(contenders, at) }));
}

/** How many of the others stand between a contender and the branch that none of them is. */
function depthOf(contender: Contender, all: readonly Contender[]): number {
  const seen = new Set<string>();
  for (let next: Contender | undefined = contender; next?.base !== undefined && !seen.has(next.base); ) {
    const below: Contender | undefined = all.find(({ branch }) => branch === next?.base);
    if (below === undefined) break;
    seen.add(next.base);
    next = below;
  }
  return seen.size;
}

function compare(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  for (const [at, value] of one.entries()) {
    const against = other[at] ?? value;
    if (value < against) return -1;
    if (value > against) return 1;
  }
  return 0;
}

const mostNames = 3;

function reasonOf(contenders: readonly Contender[], at: number): string {
  const { target, base, conflictsWith, conflictsWithTarget } = contenders[at] as Contender;
  const names = conflictsWith.map((other) => contenders[other]?.name ?? '');
  const shown =
    names.length > mostNames
      ? `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`
      : names.join(', ');
  if (conflictsWithTarget) return `conflicts with ${target}`;
  if (names.length > 0) return `conflicts with ${shown}`;
  const below = contenders.find(({ branch }) => branch !== undefined && branch === base);
  return `conflicts with none of the others${below === undefined ? '' : `, is based on ${below.name}`}`;
}
