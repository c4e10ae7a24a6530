import { spawnSync } from 'node:child_process';

/** Whether this user may give a program namespaces of its own; a test that needs them says when it is left out. */
export function mayUnshare(...flags: readonly string[]): boolean {
  const { status } = spawnSync('unshare', [...flags, 'true'], { stdio: 'ignore' });
  if (status !== 0)
    process.stderr.write(`unshare ${flags.join(' ')} is not permitted here: a test is left out\n`);
  return status === 0;
}
