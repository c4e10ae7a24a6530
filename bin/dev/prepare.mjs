// Builds dist/ so that `npm install -g .`, `npm link` and `npm pack` work from a clean clone. The first two
// symlink the folder without installing its dependencies (npm 10 and 11), so fetch them when esbuild is missing.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function run(command, args, env = process.env) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env, cwd: join(here, '..', '..') });
  if (status !== 0) process.exit(status ?? 1);
}

try {
  createRequire(import.meta.url).resolve('esbuild/package.json');
} catch {
  // The outer npm exports its own flags (global, prefix, omit …); the inner npm must not see them.
  const outer =
    /^npm_(config_(global|location|prefix|local_prefix|global_prefix|omit|include|production|package_lock|save.*|dry_run|workspace.*)|package_|lifecycle_|command)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  if (process.env.npm_execpath) run(process.execPath, [process.env.npm_execpath, ...args], env);
  else run('npm', args, env);
}
run(process.execPath, [join(here, 'build.mjs')]);
