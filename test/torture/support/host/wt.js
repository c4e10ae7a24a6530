// Runs one command line of wt after the other in one process, each with the bundle evaluated anew: as bin/wt.js does,
// without node's start, which takes three quarters of a command's time. Named wt.js, so that effects.cjs counts here.
const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const os = require('node:os');
const { Script } = require('node:vm');
const effects = require('../../../support/effects.cjs');

const [, , bin, intents] = process.argv;
const file = join(dirname(bin), '../dist/wt.js');
const { aheadOf } = require(join(dirname(file), 'ahead.cjs'));
const script = new Script(readFileSync(file, 'latin1'), {
  filename: file,
  cachedData: readFileSync(`${file}.cache`),
});
const execute = script.runInThisContext();

/** What a command leaves half done is nobody's as long as its process lives, as that of a real one does not. */
const hasLeftIntent = () =>
  listed(intents).some((name) => {
    try {
      return JSON.parse(readFileSync(join(intents, name), 'utf8')).owner.pid === process.pid;
    } catch {
      return false;
    }
  });

function listed(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

os.setPriority = () => {}; // an errand puts itself behind everything, and would take all that comes after it there
const exit = process.exit;
process.on('message', ({ args, kill, delay }) => {
  process.argv = [process.execPath, bin, ...args];
  process.env.WT_TEST_DELAY = delay;
  const before = performance.now();
  process.exit = (code = 0) => {
    const report = { code, effects: effects.counted(), ms: performance.now() - before };
    effects.arm(undefined);
    process.emit('exit', code);
    for (const name of ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
    const isLast = hasLeftIntent();
    process.send({ ...report, isLast }, () => isLast && exit(0));
  };
  effects.arm(kill);
  const module = { exports: {} };
  execute(module.exports, require, module, file, dirname(file), aheadOf(args));
});
