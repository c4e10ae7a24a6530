// `npm run setup`: one command from a fresh clone to `wt` on the PATH (Linux, macOS). Where npm's prefix cannot be
// written (Debian's is /usr) it installs below ~/.local.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function npm(args, stdio = 'inherit') {
  const [command, first] = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : ['npm', []];
  const { status, stdout } = spawnSync(command, [...first, ...args], { cwd: root, stdio, encoding: 'utf8' });
  if (status !== 0) process.exit(status ?? 1);
  return stdout?.trim() ?? '';
}

/** Made and removed again: for root, access(2) allows what /proc then refuses. */
function writable(folder) {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    rmdirSync(mkdtempSync(join(existing, '.wt-')));
    return true;
  } catch {
    return false;
  }
}

npm(['ci', '--no-audit', '--no-fund']);
let prefix = npm(['prefix', '--global'], ['ignore', 'pipe', 'ignore']);
if (!writable(join(prefix, 'lib', 'node_modules')) || !writable(join(prefix, 'bin'))) {
  prefix = join(homedir(), '.local');
}
// `npm ci` has just built dist/; --ignore-scripts spares a second build.
npm(['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', root]);

const bin = join(prefix, 'bin');
console.log(`\nwt is installed: ${join(bin, 'wt')}`);
if (!(process.env.PATH ?? '').split(delimiter).includes(bin)) {
  console.log(
    `It is not on your PATH yet. Add this line to your shell profile:\n  export PATH="${bin}:$PATH"`,
  );
}
