// Makes a repository with many linked worktrees, the same one every time.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pad = (number, digits = 3) => String(number).padStart(digits, '0');
export const branchName = (index) => `work/${pad(index)}`;

/**
 * A repository of `files` files and `commits` commits with `worktrees` linked worktrees: each has three commits that
 * diverge from an older main; of every ten, two are dirty, two conflict with each other, two change the same file
 * elsewhere, and one has landed. Gives the path of the main checkout.
 */
export function makeRepository(folder, { files, commits, worktrees, env }) {
  const path = join(folder, 'main');
  mkdirSync(path, { recursive: true });
  const git = (cwd, ...args) =>
    execFileSync('git', args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 30,
    }).toString();
  git(path, 'init', '-q', '-b', 'main');
  execFileSync('git', ['fast-import', '--quiet'], {
    cwd: path,
    env,
    input: history({ files, commits, worktrees }),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  git(path, 'repack', '-adq');
  git(path, 'pack-refs', '--all');
  git(path, 'commit-graph', 'write', '--reachable');
  git(path, 'reset', '-q', '--hard', 'main');
  const place = (index) => join(folder, 'linked', pad(index));
  for (let index = 0; index < worktrees; index++) {
    git(path, 'worktree', 'add', '-q', place(index), branchName(index));
    if (index % 10 < 2) {
      appendFileSync(join(place(index), 'work', pad(index), 'own.txt'), 'dirty\n');
      writeFileSync(join(place(index), 'untracked.txt'), 'untracked\n');
    }
  }
  // Files as old as the index are read again by every status: let a second pass, then settle.
  execFileSync('sleep', ['1.1']);
  for (let index = 0; index < worktrees; index++) settle(git, place(index));
  settle(git, path);
  return path;
}

function settle(git, worktree) {
  try {
    git(worktree, 'update-index', '-q', '--refresh');
  } catch {
    // says 1 where files have changed
  }
}

/** The history as git fast-import reads it. */
function history({ files, commits, worktrees }) {
  const random = seeded(42);
  const out = [];
  let mark = 0;
  let time = 1_700_000_000;
  const commit = (ref, from) => {
    time += 60;
    out.push(
      `commit ${ref}\nmark :${++mark}\ncommitter Bench <bench@localhost> ${time} +0000\ndata 6\ncommit\n`,
    );
    if (from !== undefined) out.push(`from :${from}\n`);
    return mark;
  };
  const put = (path, text) => out.push(`M 100644 inline ${path}\ndata ${text.length}\n${text}\n`);
  const lines = (name, count) =>
    Array.from({ length: count }, (_, n) => `line ${n} of ${name} ${random(1e9)}`);
  const file = (n) => `src/d${pad(Math.floor(n / 400))}/m${Math.floor(n / 40) % 10}/file${pad(n, 5)}.ts`;

  const main = [commit('refs/heads/main')];
  const texts = Array.from({ length: files }, (_, n) => lines(file(n), 10 + random(50)));
  for (const [n, text] of texts.entries()) put(file(n), text.join('\n'));
  const shared = Array.from({ length: worktrees }, (_, n) => lines(`shared ${n}`, 60));
  for (const [n, text] of shared.entries()) put(`shared/${pad(n)}.ts`, text.join('\n'));
  for (let n = 0; n < worktrees; n++) put(`work/${pad(n)}/own.txt`, lines('own', 20).join('\n'));
  for (let n = 1; n < commits; n++) {
    main.push(commit('refs/heads/main', main.at(-1)));
    for (let changes = 0; changes < 2; changes++) {
      const at = random(files);
      const text = texts[at];
      text[random(text.length)] = `changed by commit ${n}`;
      put(file(at), text.join('\n'));
    }
  }
  for (let n = 0; n < worktrees; n++) {
    const ref = `refs/heads/${branchName(n)}`;
    let from = main.at(-2 - random(Math.min(40, main.length - 2)));
    if (n % 10 === 9) {
      out.push(`reset ${ref}\nfrom :${from}\n\n`);
      continue;
    }
    for (let step = 0; step < 3; step++) {
      from = commit(ref, from);
      put(`work/${pad(n)}/new${step}.ts`, lines('new', 40).join('\n'));
      if (step === 2 && n % 10 < 4) {
        // Pairs: the first of ten edit the same line of a file, the next different ones.
        const pair = n - (n % 2);
        const text = [...shared[pair]];
        text[n % 10 < 2 || n % 2 === 0 ? 10 : 50] = `edited by ${n}`;
        put(`shared/${pad(pair)}.ts`, text.join('\n'));
      }
    }
  }
  return `${out.join('')}done\n`;
}

/** A small generator of numbers that are the same every time. */
function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
