import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bin under test, as its user runs it. `npm test` builds dist/ first. */
export const wtBin = join(fileURLToPath(new URL('../..', import.meta.url)), 'bin', 'wt.js');

export type Ran = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed as one JSON document; throws when it is not one. */
  readonly json: () => unknown;
};

/**
 * Runs `wt args…` in `cwd` to its end. `input` goes to stdin, which is otherwise empty (/dev/null); `through` is a
 * command that is given wt's command line as further arguments.
 */
export function wt(
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  options: { input?: string; through?: readonly string[] } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const [program = '', ...words] = [...(options.through ?? []), process.execPath, wtBin, ...args];
    const child = spawn(program, words, {
      cwd,
      env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout, stderr, json: () => JSON.parse(stdout) }),
    );
    if (options.input !== undefined) {
      child.stdin?.on('error', () => {});
      child.stdin?.end(options.input);
    }
  });
}
