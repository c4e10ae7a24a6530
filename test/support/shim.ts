import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wtBin } from './bin.ts';
import type { TestRepo } from './repo.ts';

/**
 * A git on the PATH that stops for a minute before or after a command whose words match a pattern of the shell, and
 * puts up a sign when it does.
 */
export function stoppingGit(repo: TestRepo, when: 'before' | 'after', pattern: string) {
  const folder = join(repo.home, 'shim');
  const sign = join(folder, 'stopped');
  const real = execFileSync('sh', ['-c', 'command -v git'], { env: repo.env, encoding: 'utf8' }).trim();
  mkdirSync(folder, { recursive: true });
  const stop = `touch '${sign}'; exec sleep 60`;
  const script =
    when === 'before'
      ? `case "$*" in ${pattern}) ${stop};; esac\nexec '${real}' "$@"`
      : `'${real}' "$@"; code=$?\ncase "$*" in ${pattern}) ${stop};; esac\nexit $code`;
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  return {
    env: { ...repo.env, PATH: `${folder}:${repo.env.PATH}` },
    hasStopped: () => existsSync(sign),
    again: () => rmSync(sign, { force: true }),
  };
}

/** A git on the PATH that does something of its own, in the shell, after a command whose words match a pattern. */
export function meddlingGit(repo: TestRepo, pattern: string, act: string): NodeJS.ProcessEnv {
  const folder = join(repo.home, 'meddling');
  const real = execFileSync('sh', ['-c', 'command -v git'], { env: repo.env, encoding: 'utf8' }).trim();
  mkdirSync(folder, { recursive: true });
  const script = `'${real}' "$@"; code=$?\ncase "$*" in ${pattern}) ${act};; esac\nexit $code`;
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...repo.env, PATH: `${folder}:${repo.env.PATH}` };
}

/** Starts wt without waiting for its end; `ended` gives its exit code or signal. */
export function startWt(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]) {
  const child = spawn(process.execPath, [wtBin, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  // 'exit' rather than 'close': what a killed wt leaves running may hold its pipes.
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
  };
}
