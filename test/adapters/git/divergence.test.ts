import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAsk } from '../../../src/adapters/git/ask.ts';
import { readDivergence } from '../../../src/adapters/git/divergence.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const askIn = ({ path, env }: TestRepo) => openAsk({ cwd: path, variables: env });

/** Makes commits whose parents are indexes of earlier ones (or none) and gives their ids. */
function importHistory(
  repo: TestRepo,
  parents: readonly (readonly number[])[],
  skew: readonly number[],
): Sha[] {
  const lines = parents.flatMap((mine, index) => {
    const [first, ...others] = mine;
    const time = 1_700_000_000 + index * 60 + (skew[index % skew.length] ?? 0);
    return [
      ...(first === undefined ? [`reset refs/heads/b${index}`] : []),
      `commit refs/heads/b${index}`,
      `mark :${index + 1}`,
      `committer Ada <ada@example.com> ${time} +0000`,
      'data 0',
      ...(first === undefined ? [] : [`from :${first + 1}`]),
      ...others.map((other) => `merge :${other + 1}`),
      `M 100644 inline f${index}`,
      'data 0',
      '',
    ];
  });
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: repo.path,
    env: repo.env,
    input: `${lines.join('\n')}\ndone\n`,
  });
  return parents.map((_, index) => repo.git('rev-parse', `b${index}`) as Sha);
}

const history = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 9 })
  .map((choices) =>
    choices.map((parents, index) => (index === 0 ? [] : [...new Set(parents.map((p) => p % index))])),
  );

describe('reading how far commits have come apart', () => {
  it('counts as git rev-list --left-right --count does, with merges, criss-crosses and unrelated roots', async () => {
    const repo = makeRepo({ empty: true });
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.nat(100), { minLength: 1, maxLength: 9 }),
        async (parents, skew) => {
          const ids = importHistory(repo, parents, skew);
          const last = ids.slice(-3);
          const pairs = last.flatMap((base) => last.map((tip) => ({ base, tip })));
          const found = await readDivergence(askIn(repo), pairs);
          const expected = pairs.map(({ base, tip }) => {
            const counts = repo.git('rev-list', '--left-right', '--count', `${base}...${tip}`).split('\t');
            return { behind: Number(counts[0]), ahead: Number(counts[1]) };
          });
          expect(found.map((each) => ({ behind: each?.behind, ahead: each?.ahead }))).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('stops reading where nothing can change any more, and ends git', async () => {
    const repo = makeRepo({ empty: true });
    const long = Array.from({ length: 8000 }, (_, index) => (index === 0 ? [] : [index - 1]));
    const lines = long.map((mine, index) =>
      [
        'commit refs/heads/main',
        `mark :${index + 1}`,
        `committer Ada <ada@example.com> ${1_600_000_000 + index} +0000`,
        'data 0',
        ...mine.map((parent) => `from :${parent + 1}`),
      ].join('\n'),
    );
    execFileSync('git', ['fast-import', '--quiet'], {
      cwd: repo.path,
      env: repo.env,
      input: `${lines.join('\n')}\n`,
    });
    const base = repo.git('rev-parse', 'main') as Sha;
    const tip = repo.git('rev-parse', 'main~4') as Sha;
    let read = 0;
    const counting: ReturnType<typeof openAsk> = (question) =>
      askIn(repo)({
        ...question,
        take: (piece) => {
          read += piece.length;
          return question.take?.(piece) ?? false;
        },
      });
    const [found] = await readDivergence(counting, [{ base, tip }]);
    expect(found).toMatchObject({ ahead: 0, behind: 4, mergeBases: [tip] });
    expect(read).toBeLessThan(400_000); // all of it is 650 kB
  });

  it('answers for the others when a commit of one pair does not exist', async () => {
    const repo = makeRepo();
    const base = repo.git('rev-parse', 'HEAD') as Sha;
    const tip = repo.commit('second') as Sha;
    const gone = 'e'.repeat(40) as Sha;
    const found = await readDivergence(askIn(repo), [
      { base, tip: gone },
      { base, tip },
    ]);
    expect(found).toEqual([undefined, { ahead: 1, behind: 0, mergeBases: [base], missing: [] }]);
  });

  it('answers for the others when the history of one pair cannot be read', async () => {
    const repo = makeRepo();
    const base = repo.git('rev-parse', 'HEAD') as Sha;
    const tip = repo.commit('second') as Sha;
    const tree = repo.git('rev-parse', 'HEAD^{tree}');
    const orphan = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], {
      cwd: repo.path,
      env: repo.env,
      encoding: 'utf8',
      input: `tree ${tree}\nparent ${'d'.repeat(40)}\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n\nx\n`,
    }).trim() as Sha;
    const found = await readDivergence(askIn(repo), [
      { base, tip: orphan },
      { base, tip },
    ]);
    expect(found[0]).toBeUndefined();
    expect(found[1]).toMatchObject({ ahead: 1, behind: 0 });
  });

  it('counts in a shallow clone what is there', async () => {
    const repo = makeRepo();
    for (const n of [1, 2, 3]) repo.commit(`commit ${n}`);
    repo.git('clone', '-q', '--depth', '2', `file://${repo.path}`, `${repo.root}/shallow`);
    const shallow = { ...repo, path: `${repo.root}/shallow` };
    const base = repo.gitIn(shallow.path, 'rev-parse', 'HEAD') as Sha;
    const tip = repo.gitIn(shallow.path, 'commit-tree', '-p', 'HEAD~1', '-m', 'x', 'HEAD^{tree}') as Sha;
    expect(await readDivergence(askIn(shallow), [{ base, tip }])).toMatchObject([{ ahead: 1, behind: 1 }]);
  });
});
