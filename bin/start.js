// Runs the bundle with V8's compiled code from beside it, where that fits this node: compiling takes longer than
// most commands do (measured on Node 20: 60 ms of 100).
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

exports.start = (file, { keepsCode = false } = {}) => {
  // git is at work from here on, while node reads and loads the rest.
  const ahead = require(`${dirname(file)}/ahead.cjs`).aheadOf(process.argv.slice(2));
  // Pure ASCII, which latin1 reads fastest.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: compiled(file) });
  const module = { exports: {} };
  if (keepsCode) process.on('exit', () => writeFileSync(`${file}.cache`, script.createCachedData()));
  script.runInThisContext()(module.exports, require, module, file, dirname(file), ahead);
};

function compiled(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}
