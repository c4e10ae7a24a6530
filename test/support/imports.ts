import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sha } from '../../src/domain/sha.ts';
import type { TestRepo } from './repo.ts';

/** The files of a commit: texts, or texts with a mode (of a submodule the text is the commit). Paths are latin1. */
export type Tree = Readonly<Record<string, string | { readonly mode: string; readonly text: string }>>;

export type NewCommit = { readonly name: string; readonly tree: Tree; readonly parents: readonly string[] };

/** Makes any number of commits in one process; gives their ids by name. Each is also a branch of its name. */
export function importCommits(repo: TestRepo, commits: readonly NewCommit[]): Map<string, Sha> {
  const marks = new Map(commits.map(({ name }, index) => [name, index + 1]));
  const stream = commits.map(({ name, tree, parents }, index) => {
    const [from, ...merged] = parents.map((parent) => `:${marks.get(parent)}`);
    const files = Object.entries(tree).map(([path, content]) => {
      const { mode, text } = typeof content === 'string' ? { mode: '100644', text: content } : content;
      const place = `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
      if (mode === '160000') return `M ${mode} ${text} ${place}\n`;
      return `M ${mode} inline ${place}\ndata ${Buffer.byteLength(text, 'latin1')}\n${text}\n`;
    });
    return [
      `commit refs/heads/${name}\nmark :${index + 1}\n`,
      // A clock of its own for each, so that two with one content are two.
      `committer Ada <ada@example.com> ${1_700_000_000 + index} +0000\ndata ${name.length + 1}\n${name}\n\n`,
      from === undefined ? '' : `from ${from}\n`,
      ...merged.map((mark) => `merge ${mark}\n`),
      'deleteall\n',
      ...files,
      '\n',
    ].join('');
  });
  const list = join(repo.root, 'marks');
  execFileSync('git', ['fast-import', '--quiet', '--force', `--export-marks=${list}`], {
    cwd: repo.path,
    env: repo.env,
    input: Buffer.from(stream.join(''), 'latin1'),
  });
  const ids = new Map(
    readFileSync(list, 'utf8')
      .split('\n')
      .map((row) => row.slice(1).split(' ') as [string, Sha]),
  );
  return new Map(commits.map(({ name }) => [name, ids.get(String(marks.get(name))) as Sha]));
}
