// What the script that makes a history asks of git: in a work tree of its own, sealed, with a clock that it turns itself.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const none = process.platform === 'win32' ? 'NUL' : '/dev/null';
const hour = 3_600;

/** A new repository in a folder, with the verbs in which a history is told. Paths are latin1: one character per byte. */
export function openHistory(folder) {
  let time = 1_750_000_000;
  const place = (path) => Buffer.from(join(folder, path), 'latin1');
  const run = (args, input) =>
    spawnSync('git', args, {
      cwd: folder,
      input,
      encoding: 'latin1',
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C',
        HOME: folder,
        GIT_CONFIG_GLOBAL: none,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.com',
        GIT_AUTHOR_DATE: `${time} +0100`,
        GIT_COMMITTER_DATE: `${time} +0100`,
      },
    });
  const git = (...args) => {
    const { status, stdout, stderr } = run(args);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${status} ${stderr}`);
    return stdout.trimEnd();
  };
  const write = (files) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(place(path), Buffer.from(text, 'latin1'));
    }
  };
  const read = (path) => readFileSync(place(path), 'latin1');
  const commit = (subject) => {
    time += hour;
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', subject);
  };
  mkdirSync(folder, { recursive: true });
  git('init', '-q', '-b', 'main');
  return {
    git,
    write,
    read,
    commit,
    /** Puts a text in the place of a line, counted from 0. */
    edit: (path, line, text) => write({ [path]: read(path).split('\n').with(line, text).join('\n') }),
    append: (path, text) => write({ [path]: `${read(path)}${text}\n` }),
    move: (from, to) => {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      git('mv', from, to);
    },
    remove: (path) => rmSync(place(path), { recursive: true, force: true }),
    executable: (path) => chmodSync(place(path), 0o755),
    link: (path, target) => {
      rmSync(place(path), { recursive: true, force: true });
      symlinkSync(target, place(path));
    },
    /** Points a submodule that nobody has cloned to a commit. */
    submodule: (path, id) => {
      mkdirSync(join(folder, path), { recursive: true }); // without it `git add -A` takes the entry out
      git('update-index', '--add', '--cacheinfo', `160000,${id.repeat(40)},${path}`);
    },
    /** Goes to a branch, that begins at `from` when that is given. */
    on: (branch, from) =>
      git(
        'checkout',
        '-q',
        ...(from === undefined ? [] : ['-B']),
        branch,
        ...(from === undefined ? [] : [from, '--no-track']),
      ),
    /** Merges a branch; what git cannot is up to `resolve`, which has to be given just then. */
    merge: (branches, resolve, options = []) => {
      time += hour;
      const into = git('symbolic-ref', '--short', 'HEAD');
      const names = [branches].flat();
      const subject = `Merge branch ${names.map((name) => `'${name}'`).join(', ')} into ${into}`;
      const { status, stdout, stderr } = run(['merge', '-q', '--no-ff', '-m', subject, ...options, ...names]);
      if (status === 0 && resolve === undefined) return;
      if (status !== 1 || resolve === undefined) throw new Error(`${subject}: ${status} ${stdout} ${stderr}`);
      resolve();
      git('add', '-A');
      git('commit', '-q', '-m', subject);
    },
  };
}
