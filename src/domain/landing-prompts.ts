import type { Conflict } from './conflict.ts';
import { fenced } from './fence.ts';

/** So many characters of an output, and so many conflicting paths, a prompt shows. */
const mostOutput = 6_000;
const mostPaths = 60;
const mostCommand = 2_000;

const indented = (text: string) =>
  `    ${(text.length > mostCommand ? `${text.slice(0, mostCommand)}…` : text).replaceAll('\n', '\n    ')}`;

/** The last whole lines that fit. */
function endOf(text: string): string {
  if (text.length <= mostOutput) return text;
  const end = text.slice(-mostOutput);
  return `…${end.slice(end.slice(0, -1).indexOf('\n') + 1)}`;
}

const bounds =
  'Do not push, do not touch other branches or worktrees, and change nothing that is not needed.';

/** What the session that owns a branch is asked when its merge did not pass a gate. */
export function gateFixPrompt({
  command,
  exitCode,
  tail,
  branch,
  target,
}: {
  readonly command: string;
  /** `null` when it was ended by a signal or a time limit. */
  readonly exitCode: number | null;
  readonly tail: string;
  readonly branch: string;
  readonly target: string;
}): string {
  const how = exitCode === null ? 'did not come to an end' : `failed with exit code ${exitCode}`;
  const shown = tail.trim() === '' ? 'It wrote nothing.' : `The end of its output:\n\n${fenced(endOf(tail))}`;
  return [
    `${branch} merges into ${target} without conflicts, but the merged tree does not pass this command, which ${how}:`,
    indented(command),
    shown,
    `It ran on ${branch} merged into ${target}, so the cause may be a change on ${target} that this branch does not know yet: look at what is new there (git log HEAD..${target}), and merge ${target} into this branch if that helps you to see it.`,
    `Find the cause, fix it on this branch, run the command yourself where you can, and commit. Mend what is wrong, not the command or its tests, unless those are wrong. ${bounds}`,
    '',
  ].join('\n\n');
}

const kinds: Readonly<Partial<Record<Conflict['kind'], string>>> = {
  content: 'both sides changed the same lines',
  add_add: 'both sides added it',
  modify_delete: 'the base changed it, this branch deleted it',
  delete_modify: 'the base deleted it, this branch changed it',
  rename: 'renamed on one side or both',
  location: 'it is in the way of something else',
  mode: 'its mode differs',
  submodule: 'both sides moved the submodule',
  binary: 'a binary file that both sides changed',
};

/** What the session that owns a branch is asked when a merge of its base stands open in its worktree. */
export function resolvePrompt({
  branch,
  target,
  conflicts,
}: {
  readonly branch: string;
  readonly target: string;
  readonly conflicts: readonly Pick<Conflict, 'path' | 'kind'>[];
}): string {
  const shown = conflicts
    .slice(0, mostPaths)
    .map(({ path, kind }) => `- ${JSON.stringify(path)}: ${kinds[kind] ?? kind}`);
  const more =
    conflicts.length > mostPaths
      ? [`- and ${conflicts.length - mostPaths} more: git diff --name-only --diff-filter=U`]
      : [];
  return [
    `A merge of ${target} into ${branch} is in progress in this worktree, and stopped at conflicts. The conflict markers are in place; "ours" is this branch, "theirs" is ${target}.`,
    [...shown, ...more].join('\n'),
    'Resolve these paths so that what both sides meant survives: look at the commits of each side (git log --merge -p -- <path>) before you choose. Never settle a conflict by throwing one side away whole.',
    `Change no other file: everything outside these paths has been merged already, and every path that differs from that is reported. Then git add the paths and commit, with a message that starts with "Merge" (git commit --no-edit keeps git's own). Do not abort the merge, do not rebase, do not amend. ${bounds}`,
    '',
  ].join('\n\n');
}
