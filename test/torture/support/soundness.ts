import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepo } from '../../support/repo.ts';
import { filesBelow } from './aftermath.ts';
import { heldObjects, trashOf } from './whereabouts.ts';

const named = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

export type Expected = {
  /** The branches that there are beside those of worktrees, where that is known. */
  readonly branches?: readonly string[];
  /** The blobs and commits that must be somewhere. */
  readonly written: Iterable<string>;
  /** Whether entries of the trash may have gone to the attic. */
  readonly expires?: boolean;
};

/** What must not be found once a command has recovered. */
export function unsound(repo: TestRepo, { branches, written, expires = false }: Expected): string[] {
  const faults: string[] = [];
  const git = join(repo.path, '.git');
  const fsck = spawnSync('git', ['fsck', '--no-dangling', '--no-progress'], {
    cwd: repo.path,
    env: repo.env,
    encoding: 'utf8',
  });
  if (fsck.status !== 0 || /missing|broken|error|invalid/.test(`${fsck.stdout}${fsck.stderr}`))
    faults.push(`git fsck: ${fsck.status} ${fsck.stdout} ${fsck.stderr}`);
  for (const name of named(join(git, 'wt', 'intents')))
    if (name.endsWith('.json')) faults.push(`an intent is left: ${name}`);
  for (const path of [...filesBelow(join(git, 'wt')), ...filesBelow(join(git, 'worktrees'))])
    if (path.endsWith('.json') && !parses(path)) faults.push(`torn: ${path}`);
  faults.push(...orphans(repo, branches), ...orphanRefs(repo, expires), ...lostLandings(repo));
  const held = heldObjects(repo);
  for (const sha of written) if (!held.has(sha)) faults.push(`lost: ${sha}`);
  return faults;
}

function parses(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Branches, folders, registrations and entries of the trash that belong to nothing. */
function orphans(repo: TestRepo, branches: readonly string[] | undefined): string[] {
  const faults: string[] = [];
  const records = repo.git('worktree', 'list', '--porcelain').split('\n\n').slice(1);
  const value = (record: string, name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(record)?.[1];
  for (const record of records)
    if (/^(prunable|locked)/m.test(record)) faults.push(`not whole: ${record.replaceAll('\n', ', ')}`);
  const registered = records.flatMap((record) => value(record, 'branch') ?? []);
  const there = repo.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n');
  const known = new Set([...(branches ?? []).map((name) => `refs/heads/${name}`), ...registered]);
  for (const ref of there) if (branches !== undefined && !known.has(ref)) faults.push(`an orphan: ${ref}`);
  for (const ref of known) if (!there.includes(ref)) faults.push(`a branch is gone: ${ref}`);
  const paths = records.flatMap((record) => value(record, 'worktree') ?? []);
  const isKnown = (folder: string): boolean =>
    paths.some((path) => path === folder || path.startsWith(`${folder}/`));
  const visit = (folder: string) => {
    for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
      const path = join(folder, entry.name);
      if (paths.includes(path)) continue;
      if (!isKnown(path)) faults.push(`an orphan: ${path}`);
      else if (entry.isDirectory()) visit(path);
    }
  };
  visit(join(repo.root, 'jerry-wt'));
  const entries = named(trashOf(repo)).filter((name) => name.startsWith('trash-'));
  for (const id of entries)
    if (!existsSync(join(trashOf(repo), id, 'entry.json'))) faults.push(`an orphan: trash/${id}`);
  return faults;
}

/** Landings that are entered without the ref that keeps their commit, or kept without an entry. */
function lostLandings(repo: TestRepo): string[] {
  const entered = named(join(repo.path, '.git', 'wt', 'landings')).flatMap((name) =>
    name.endsWith('.json') ? `refs/wt/landed/${name.slice(0, -'.json'.length)}` : [],
  );
  const kept = repo.git('for-each-ref', '--format=%(refname)', 'refs/wt/landed').split('\n').filter(Boolean);
  return [
    ...kept.filter((ref) => !entered.includes(ref)).map((ref) => `an orphan: ${ref}`),
    ...entered.filter((ref) => !kept.includes(ref)).map((ref) => `a landed ref is gone: ${ref}`),
  ];
}

/** Refs of wt whose entry is not in the trash, or of the attic though it is. */
function orphanRefs(repo: TestRepo, expires: boolean): string[] {
  const format = '--format=%(refname) %(contents:trailers:key=Trash,valueonly,separator=)';
  const lines = repo.git('for-each-ref', format, 'refs/wt').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const [ref = '', expired = ''] = line.split(' ');
    if (ref.startsWith('refs/wt/landed/')) return [];
    const [, id] = /^refs\/wt\/trash\/([^/]+)\//.exec(ref) ?? [];
    const isIn = existsSync(join(trashOf(repo), id ?? expired, 'entry.json'));
    const isSound = id === undefined ? expires && expired !== '' && !isIn : isIn;
    return isSound ? [] : [`an orphan: ${ref}`];
  });
}
