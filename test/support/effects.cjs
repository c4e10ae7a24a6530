// Loaded into wt by `node --require`: counts every effect on the machine (each process that is started, each change of
// a file or folder) and kills wt with SIGKILL right before or after a given one (its number, or the first that matches),
// or in the middle of it: together with the git that it has started.
const fs = require('node:fs');
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

const { WT_TEST_EFFECTS: log, WT_TEST_KILL: kill } = process.env;

// The supervisor and the errand have an argument that begins so, and are meant themselves with WT_TEST_INNER.
const isInner = process.argv[2]?.startsWith('__') ?? false;
if (/\bwt\.js$/.test(process.argv[1] ?? '') && isInner === (process.env.WT_TEST_INNER === '1')) {
  const append = fs.appendFileSync;
  let when;
  let at;
  let pattern;
  let count = 0;
  let depth = 0; // node's own functions call each other

  /** Begins to count anew, and kills at another effect. */
  const arm = (kill) => {
    [, when, at = ''] = /^(\w+):(.*)$/.exec(kill ?? '') ?? [];
    pattern = at.startsWith('/') ? new RegExp(at.slice(1, -1)) : undefined;
    count = 0;
  };
  arm(kill);
  module.exports = { arm, counted: () => count };

  const effect = (name, args, act) => {
    if (depth > 0) return act();
    count += 1;
    depth += 1;
    const line = `${name} ${args.map((arg) => String(arg).replace(/\s+/g, ' ').slice(0, 300)).join(' ')}`;
    if (log !== undefined && log !== '') append(log, `${count} ${line}\n`);
    const isIt = pattern === undefined ? count === Number(at) : pattern.test(line);
    if (isIt && when === 'before') process.kill(process.pid, 'SIGKILL');
    try {
      return act(isIt && when === 'middle');
    } finally {
      depth -= 1;
      if (isIt && when === 'after') process.kill(process.pid, 'SIGKILL');
    }
  };

  const changes = [
    'rename',
    'mkdir',
    'rm',
    'rmdir',
    'unlink',
    'writeFile',
    'copyFile',
    'link',
    'symlink',
    'truncate',
    'utimes',
    'mkdtemp',
  ];
  const wrap = (object, name, label) => {
    const original = object[name];
    if (typeof original !== 'function') return;
    object[name] = function wrapped(...args) {
      const shown = args.filter((arg) => typeof arg === 'string').slice(0, 2);
      return effect(label, shown, () => original.apply(this, args));
    };
  };
  for (const name of changes) {
    wrap(fs, name, name);
    wrap(fs, `${name}Sync`, name);
    wrap(fs.promises, name, name);
  }
  const open = fs.openSync;
  fs.openSync = function openSync(path, flags = 'r', ...rest) {
    const writes = typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(flags);
    return writes
      ? effect('open', [path, flags], () => open.call(this, path, flags, ...rest))
      : open.call(this, path, flags, ...rest);
  };
  const spawn = childProcess.spawn;
  // A hook or a filter that finds WT_TEST_HALF may kill both sooner, at a moment of its own.
  const half =
    'exec 3<&0; "$@" <&3 3<&- & exec 3<&-; sleep "$WT_TEST_DELAY"; kill -9 $! "$WT_TEST_HALF" 2>/dev/null; wait';
  const halved = (file, words, options, ...rest) => {
    const env = { ...(options?.env ?? process.env), WT_TEST_HALF: String(process.pid) };
    env.WT_TEST_DELAY ??= process.env.WT_TEST_DELAY ?? '0.002';
    return spawn.call(
      childProcess,
      '/bin/sh',
      ['-c', half, 'sh', file, ...words],
      { ...options, env },
      ...rest,
    );
  };
  childProcess.spawn = function wrapped(file, args, ...rest) {
    const words = Array.isArray(args) ? args : [];
    return effect('spawn', [file, ...words], (isHalf) =>
      isHalf ? halved(file, words, ...rest) : spawn.call(this, file, args, ...rest),
    );
  };
  syncBuiltinESMExports();
}
