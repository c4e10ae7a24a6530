import type { MarkerQuestion } from '../../application/ports/git.ts';
import { type Ask, fields } from './ask.ts';

/** The paths that have lines like the markers of a conflict in a commit; names that are not UTF-8 are left out. */
export async function readMarked(
  ask: Ask,
  { worktree, commit, paths }: MarkerQuestion,
): Promise<readonly string[]> {
  const askable = paths.filter((path) => !/\\x[0-9A-F]{2}/.test(path));
  if (askable.length === 0) return [];
  const pattern = ['--extended-regexp', '-e', '^(<{7}|>{7}) '];
  return ask({
    args: [
      ...['--literal-pathspecs', 'grep', '--files-with-matches', '-z', '-I', '--no-color', ...pattern],
      ...[commit, '--', ...askable],
    ],
    cwd: worktree,
    answers: [0, 1],
    parse: ({ stdout }) => fields(stdout).map((name) => name.slice(commit.length + 1)),
  });
}
