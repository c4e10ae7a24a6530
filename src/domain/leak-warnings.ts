import type { Attribution } from './leaks.ts';
import { oneLine } from './plain-text.ts';
import type { Warning } from './warning.ts';

type Fault = { readonly worktree: string; readonly fault: string };

/** What is to be said of changes outside of a run's worktree, and of the checkouts of which nothing is known. */
export const leakWarnings = (attribution: Attribution, faults: readonly Fault[]): Warning[] => [
  ...unknown(faults),
  ...told(attribution),
];

function unknown(faults: readonly Fault[]): Warning[] {
  const [first] = faults;
  if (first === undefined) return [];
  const where = listed(faults.map(({ worktree }) => worktree));
  const message = `whether files changed in ${where} could not be determined: ${first.fault}`;
  return [{ code: 'leaks_unknown', message }];
}

function told({ leaks, shared }: Attribution): Warning[] {
  const paths = (some: Attribution['leaks']) =>
    listed(some.map(({ worktree, path }) => `${worktree}/${path}`));
  const isShared = new Set(shared.map(({ leak }) => leak));
  const own = leaks.filter((leak) => !isShared.has(leak));
  const runs = listed([...new Set(shared.flatMap((each) => each.with))]);
  return [
    ...(own.length === 0
      ? []
      : [
          {
            code: 'leaks_found',
            message: `changed outside of the worktree while it ran, by the agent or by somebody else: ${paths(own)}`,
          },
        ]),
    ...(shared.length === 0
      ? []
      : [
          {
            code: 'leaks_shared',
            message: `changed outside of the worktree while ${runs} ran too, so that any of them, or somebody else, may have done it: ${paths(shared.map(({ leak }) => leak))}`,
          },
        ]),
  ];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => oneLine(name, 200));
  return `${shown.join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}
