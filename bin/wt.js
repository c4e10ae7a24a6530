#!/usr/bin/env node
// CommonJS: starting node's ESM loader alone costs a fifth of `node -e 0`, and --version need not pay for it.
const [flag, ...more] = process.argv.slice(2);
if (more.length === 0 && (flag === '--version' || flag === '-V')) {
  process.stdout.write(`wt ${require('../package.json').version}\n`);
} else {
  require('./start.js').start(`${__dirname}/../dist/wt.js`);
}
