// Runs a bundle with V8's compiled code from beside it, where that fits this node: compiling takes longer than
// most commands do (measured on Node 20: 60 ms of 100).
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

exports.start = (file, { keepsCode = false } = {}) => {
  const argv = process.argv.slice(2);
  // git is at work from here on, while node reads and loads the rest.
  const ahead = require(join(dirname(file), 'ahead.cjs')).aheadOf(argv);
  if (ahead?.isQuick !== true) {
    run(file, keepsCode, ahead);
    return;
  }
  run(join(dirname(file), 'quick.js'), keepsCode)
    .look(argv, ahead)
    .then((ending) => {
      if (typeof ending === 'number') process.exit(ending);
      run(file, keepsCode);
      // The whole of wt says what an interrupted command says.
      if (ending !== undefined) setImmediate(() => process.emit(ending, ending));
    });
};

function run(file, keepsCode, ahead) {
  // Pure ASCII, which latin1 reads fastest.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: compiled(file) });
  const module = { exports: {} };
  if (keepsCode) process.on('exit', () => writeFileSync(`${file}.cache`, script.createCachedData()));
  script.runInThisContext()(module.exports, require, module, file, dirname(file), ahead);
  return module.exports;
}

function compiled(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}
