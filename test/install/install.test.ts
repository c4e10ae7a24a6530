import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/repo.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A new user's environment: an own home, npm's own settings only where the machine needs them. */
const environment = (home: string): NodeJS.ProcessEnv => {
  mkdirSync(home, { recursive: true });
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(PATH|LANG|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|HTTPS?_PROXY|NO_PROXY|no_proxy|npm_config_(registry|cafile))$/.test(
      name,
    ),
  );
  return { ...Object.fromEntries(passed), HOME: home, npm_config_update_notifier: 'false' };
};

const run = (command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) =>
  execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A clone of what is committed, as a user gets it. */
function clone(folder: string): string {
  const path = join(folder, 'clone');
  run('git', ['clone', '-q', root, path], folder, process.env);
  return path;
}

describe('installing', () => {
  it('puts wt on the PATH with one command, below ~/.local where the prefix cannot be written', () => {
    const folder = temporaryFolder('wt-install-');
    const home = join(folder, 'home');
    const checkout = clone(folder);
    const env = { ...environment(home), npm_config_prefix: '/proc/wt-no-such-prefix' };
    const out = run('npm', ['run', 'setup'], checkout, env);
    const bin = join(home, '.local', 'bin');
    expect(out).toContain(`wt is installed: ${join(bin, 'wt')}`);
    expect(out).toContain(`export PATH="${bin}:$PATH"`);
    expect(run(join(bin, 'wt'), ['--version'], folder, env)).toMatch(/^wt \d/);
    expect(run(join(bin, 'git-wt'), ['--version'], folder, env)).toMatch(/^wt \d/);
  });

  it('packs into a tarball that installs and runs the demo in an empty folder', () => {
    const folder = temporaryFolder('wt-pack-');
    const env = environment(join(folder, 'home'));
    const checkout = clone(folder);
    run('npm', ['ci', '--no-audit', '--no-fund'], checkout, env);
    run('npm', ['pack', '--pack-destination', folder], checkout, env);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    run('npm', ['init', '-y'], empty, env);
    run('npm', ['install', '--no-audit', '--no-fund', join(folder, tarball ?? '')], empty, env);
    expect(existsSync(join(empty, 'node_modules', '.bin', 'wt'))).toBe(true);
    const out = run(join(empty, 'node_modules', '.bin', 'wt'), ['demo'], empty, env);
    expect(out.match(/plain git:/g)).toHaveLength(5);
  });
});
