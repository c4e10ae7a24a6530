import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { temporaryFolder } from '../support/repo.ts';

const source = fileURLToPath(new URL('../../src/cli/print.ts', import.meta.url));

/** A program that prints more than a pipe holds, and says on stderr that it has got to its end. */
const printerOf = () =>
  bundle(
    temporaryFolder(),
    `import { print } from ${JSON.stringify(source)};
     await print('x'.repeat(3_000_000));
     process.stderr.write('printed');
     process.exit(0);`,
  );

describe('print', () => {
  it('prints everything into a pipe that is full and does not wait', async () => {
    const printer = await printerOf();
    // Who opens node's stream makes the pipe one that does not wait, for all who have it; node undoes that for 0 to 2.
    const program = `process.stdout.write('');
      const words = ['-c', 'exec "$0" "$1" >&3', process.execPath, ${JSON.stringify(printer)}];
      require('node:child_process').spawnSync('sh', words, { stdio: ['ignore', 'ignore', 'inherit', 1] });`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
    let size = 0;
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
    });
    child.stdout.once('readable', () => {
      // Nothing is taken before the pipe holds what it can.
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect([size, told]).toEqual([3_000_000, 'printed']);
  });

  it('ends quietly when its reader has gone away', async () => {
    const printer = await printerOf();
    const child = spawn(process.execPath, [printer], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, told]).toEqual([0, 'printed']);
  });
});
