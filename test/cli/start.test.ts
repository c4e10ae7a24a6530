import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wtBin } from '../support/bin.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

const root = join(dirname(wtBin), '..');
const bundle = join(root, 'dist', 'wt.js');

describe('starting wt', () => {
  it('takes the compiled code that was kept when it was built', () => {
    const program = `
      const { readFileSync } = require('node:fs');
      const { Script } = require('node:vm');
      const cachedData = readFileSync(process.argv[1] + '.cache');
      const script = new Script(readFileSync(process.argv[1], 'latin1'), { cachedData });
      console.log(script.cachedDataRejected);`;
    expect(execFileSync(process.execPath, ['-e', program, bundle], { encoding: 'utf8' })).toBe('false\n');
  });

  it.each(['missing', 'of another node'])('works with compiled code that is %s', (kind) => {
    const repo = makeRepo();
    const place = temporaryFolder();
    for (const file of ['wt.js', 'start.js', 'package.json']) {
      mkdirSync(join(place, 'bin'), { recursive: true });
      copyFileSync(join(root, 'bin', file), join(place, 'bin', file));
    }
    cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true });
    const cache = join(place, 'dist', 'wt.js.cache');
    if (kind === 'missing') rmSync(cache);
    else writeFileSync(cache, 'compiled by something else');
    const args = [join(place, 'bin', 'wt.js'), 'path', '^'];
    const out = execFileSync(process.execPath, args, {
      cwd: repo.path,
      env: repo.env,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(out).toBe(`${repo.path}\n`);
  });
});
