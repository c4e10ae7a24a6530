// Runs test/claude against the real claude, which is installed once and outside of the project: 240 MB that only
// these tests need. The cache is $WT_TEST_CLAUDE_CACHE or ~/.cache/wt-test; arguments go to vitest.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '2.1.197';
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = process.env.WT_TEST_CLAUDE_CACHE || join(homedir(), '.cache', 'wt-test');
const unfinished = '.unfinished-';

/** The executable below an installation: the platform's package has it, also when no install script may run. */
function executableIn(folder) {
  const scope = join(folder, 'node_modules', '@anthropic-ai');
  if (!existsSync(scope)) return undefined;
  return readdirSync(scope)
    .flatMap((name) => [join(scope, name, 'claude'), join(scope, name, 'claude.exe')])
    .find((path) => existsSync(path));
}

/** Whether it starts and is the version wanted, asked in an environment with nothing of the person's own. */
function answers(executable, home) {
  const env = { PATH: process.env.PATH, HOME: home, DISABLE_AUTOUPDATER: '1' };
  const { stdout } = spawnSync(executable, ['--version'], {
    env,
    cwd: home,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return stdout?.startsWith(version) === true;
}

function npmInstall(folder) {
  // The outer npm exports its own flags (global, prefix, omit …); the inner npm must not see them.
  const outer =
    /^npm_(config_(global|location|prefix|local_prefix|global_prefix|omit|include|production|package_lock|save.*|dry_run|workspace.*)|package_|lifecycle_|command)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
  const args = [
    'install',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const npm = process.env.npm_execpath;
  const command = npm === undefined ? ['npm'] : [process.execPath, npm];
  const [program, ...before] = command;
  const options = { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] };
  return (
    spawnSync(program, [...before, ...args, `@anthropic-ai/claude-code@${version}`], options).status === 0
  );
}

/**
 * Installs into a folder of its own and renames it when it is whole: the name stands for a complete installation,
 * and of two at once the second to finish uses the first one's.
 */
function installed() {
  const place = join(cache, `claude-code-${version}-${process.platform}-${process.arch}`);
  if (existsSync(place)) return executableIn(place);
  mkdirSync(cache, { recursive: true });
  sweepUnfinished();
  console.error(`test:claude: installing claude ${version} into ${place} (240 MB, once)`);
  const folder = mkdtempSync(join(cache, unfinished));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const executable = npmInstall(folder) ? executableIn(folder) : undefined;
    if (executable === undefined)
      throw new Error(`npm could not install @anthropic-ai/claude-code@${version}`);
    if (!answers(executable, folder)) throw new Error(`${executable} does not say that it is ${version}`);
    try {
      renameSync(folder, place);
    } catch (error) {
      if (!existsSync(place)) throw error;
    }
    return executableIn(place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What interrupted installs left behind; one of the last hour may still be at work. */
function sweepUnfinished() {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith(unfinished))) {
    const folder = join(cache, name);
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 3_600_000) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

let executable;
try {
  executable = installed();
  if (executable === undefined)
    throw new Error(`no executable in ${cache}: remove that folder and try again`);
} catch (error) {
  console.error(`test:claude: ${error.message}`);
  process.exit(1);
}

const built = spawnSync(process.execPath, [join(root, 'bin', 'dev', 'build.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const config = join(root, 'test', 'claude', 'vitest.config.ts');
const tests = spawn(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, WT_TEST_CLAUDE: executable },
  stdio: 'inherit',
});
// Ctrl-C reaches vitest by itself; a SIGTERM is for us alone. Either way vitest ends first.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => tests.kill('SIGTERM'));
tests.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
