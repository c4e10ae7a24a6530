import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { wt } from '../../support/bin.ts';
import { bundle } from '../../support/bundle.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const source = (file: string) => fileURLToPath(new URL(`../../../src/${file}`, import.meta.url));

/** What a process that stands in `cwd` gets for its questions; `null` where a question was not put ahead. */
async function replies(repo: TestRepo, cwd: string, questions: readonly (readonly [string, ...string[]])[]) {
  const program = await bundle(
    repo.root,
    `import { askAhead } from ${JSON.stringify(source('adapters/git/ahead.ts'))};
     const ahead = askAhead(process.env, 2);
     const answers = [];
     for (const [cwd, ...args] of JSON.parse(process.argv[2])) {
       const reply = ahead?.reply(cwd, args);
       answers.push(reply === undefined ? null : [(await reply)?.toString()]);
     }
     console.log(JSON.stringify(answers));
     process.exit();`,
  );
  const out = execFileSync(process.execPath, [program, JSON.stringify(questions)], { cwd, env: repo.env });
  return JSON.parse(out.toString());
}

const status = (path: string) =>
  [
    path,
    '-c',
    'core.preloadIndex=false',
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=normal',
  ] as const;
const list = (path: string) => [join(path, '.git'), 'worktree', 'list', '--porcelain', '-z'] as const;

describe('what is asked ahead', () => {
  it('is answered word for word, once, from anywhere in the repository', async () => {
    const repo = makeRepo();
    const odd = join(repo.root, "it's $HOME\nhere");
    repo.git('worktree', 'add', '-q', '-b', 'odd', odd);
    writeFileSync(join(odd, 'new'), '');
    mkdirSync(join(odd, 'deep'));
    for (const cwd of [repo.path, join(odd, 'deep')]) {
      const found = await replies(repo, cwd, [
        status(odd),
        status(odd),
        status(repo.path),
        list(repo.path),
        [repo.path, 'log'],
      ]);
      expect(found).toEqual([['? new\0'], null, [''], [expect.stringContaining(`${odd}\0`)], null]);
    }
  });

  it('is left to the question itself where git fails', async () => {
    const repo = makeRepo();
    const gone = join(repo.root, 'gone');
    repo.git('worktree', 'add', '-q', '-b', 'gone', gone);
    rmSync(gone, { recursive: true });
    expect(await replies(repo, repo.path, [status(gone), status(repo.path)])).toEqual([[null], ['']]);
  });

  it('is nothing while an operation waits for its recovery, and outside a repository', async () => {
    const repo = makeRepo();
    expect(await replies(repo, repo.root, [status(repo.path)])).toEqual([null]);
    const intents = join(repo.path, '.git', 'wt', 'intents');
    mkdirSync(intents, { recursive: true });
    writeFileSync(join(intents, 'x.json'), '{}');
    expect(await replies(repo, repo.path, [status(repo.path)])).toEqual([null]);
  });

  it('is not needed: the same answer comes where it could not be guessed', async () => {
    const repo = makeRepo();
    repo.git('worktree', 'add', '-q', '-b', 'linked', join(repo.root, 'linked'));
    const plain = await wt(repo.path, repo.env, ['list', '--json']);
    const elsewhere = await wt(repo.root, repo.env, ['list', '--json', '-C', repo.path]);
    expect(elsewhere.json()).toEqual(plain.json());
  });

  it('takes further questions where only commits are looked at, several at once', async () => {
    const repo = makeRepo();
    const odd = join(repo.root, "it's $HOME\nhere");
    repo.git('worktree', 'add', '-q', '-b', 'odd', odd);
    const tip = repo.git('rev-parse', 'main');
    const many = `${tip}\n`.repeat(3000); // longer than what a pipe holds
    const question = (cwd: string, args: readonly string[], input?: string, env = {}) => ({
      cwd,
      args,
      env,
      input,
    });
    const program = await bundle(
      repo.root,
      `import { askAhead } from ${JSON.stringify(source('adapters/git/ahead.ts'))};
       const ahead = askAhead(process.env, 2, { statuses: false, settings: true });
       const of = (reply) => reply === undefined ? null : reply.then((bytes) => bytes?.toString() ?? null);
       const history = await of(ahead.reply(process.cwd() + '/.git', JSON.parse(process.argv[3])));
       await ahead.reply(process.cwd() + '/.git', JSON.parse(process.argv[4]));
       const answers = [];
       for (const some of JSON.parse(process.argv[2])) answers.push(await Promise.all(some.map((one) => of(ahead.put(one)))));
       console.log(JSON.stringify([history, answers]));
       process.exit();`,
    );
    const history = ['rev-list', '--parents', '--max-count=3000', '--branches'];
    const list = ['worktree', 'list', '--porcelain', '-z'];
    const batches = [
      [
        question(odd, ['rev-parse', '--show-toplevel']),
        question(repo.path, ['cat-file', '--batch-check=%(objecttype)'], many),
        question(repo.path, ['version']),
      ],
      [question(repo.path, ['rev-parse', '--verify', 'nothing']), question(repo.path, ['version'], 'é')],
      [question(repo.path, ['var', 'GIT_AUTHOR_IDENT'], undefined, { GIT_AUTHOR_NAME: "O'Neill $X" })],
    ];
    const out = execFileSync(
      process.execPath,
      [program, ...[batches, history, list].map((each) => JSON.stringify(each))],
      { cwd: repo.path, env: repo.env, maxBuffer: 1e8 },
    );
    const [commits, [first, second, third]] = JSON.parse(out.toString());
    expect(commits).toBe(`${tip}\n`);
    expect(first).toEqual([
      `${odd}\n`,
      'commit\n'.repeat(3000),
      null, // no lane is free
    ]);
    expect([second, third]).toEqual([[null, null], [expect.stringMatching(/^O'Neill \$X </)]]);
  });
});
