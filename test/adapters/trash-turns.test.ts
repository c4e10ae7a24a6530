import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { claimLook, lookAgain } from '../../src/adapters/trash/turns.ts';
import { bundle } from '../support/bundle.ts';
import { temporaryFolder } from '../support/repo.ts';

const hourMs = 60 * 60 * 1000;

describe('the turn to look at the trash', () => {
  it('is never seen before its time while it is set', async () => {
    const stateDir = temporaryFolder();
    const stamp = join(stateDir, 'cache', 'trash-due');
    const source = fileURLToPath(new URL('../../src/adapters/trash/turns.ts', import.meta.url));
    const setter = await bundle(
      stateDir,
      `import { lookAgain } from ${JSON.stringify(source)};
       const place = { stateDir: ${JSON.stringify(stateDir)} };
       for (let turn = 0; turn < 3000; turn++) {
         lookAgain(place, undefined);
         lookAgain(place, new Date(Date.now() + ${hourMs}));
       }`,
    );
    const child = spawn(process.execPath, [setter], { stdio: 'inherit' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    let [seen, early] = [0, 0];
    const watch = setInterval(() => {
      for (let look = 0; look < 2000; look++) {
        const due = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
        if (due === undefined) continue;
        seen++;
        if (due < Date.now() + hourMs / 2) early++;
      }
    }, 0);
    expect(await ended).toBe(0);
    clearInterval(watch);
    expect([seen > 100, early]).toEqual([true, 0]);
  });

  it('is taken once, and leaves nothing but the next one', () => {
    const stateDir = temporaryFolder();
    const place = { stateDir };
    mkdirSync(join(stateDir, 'cache'));
    const now = new Date();
    expect(claimLook(place, now)).toBe(false);
    lookAgain(place, new Date(now.getTime() + hourMs));
    expect(claimLook(place, now)).toBe(false);
    const stamp = join(stateDir, 'cache', 'trash-due');
    utimesSync(stamp, now, new Date(now.getTime() - 1000));
    expect([claimLook(place, now), claimLook(place, now)]).toEqual([true, false]);
    expect(readdirSync(join(stateDir, 'cache'))).toEqual(['trash-due']);
    expect(statSync(stamp).mtimeMs).toBeGreaterThan(now.getTime() + hourMs / 2);
  });
});
