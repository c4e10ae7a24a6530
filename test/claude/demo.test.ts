import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wt } from '../support/bin.ts';
import { claudeEnv, realClaude } from '../support/claude-env.ts';
import { serveMessages } from '../support/messages-api.ts';
import { bash, say } from '../support/model-turn.ts';
import { temporaryFolder } from '../support/repo.ts';

/** A model that does what the demo asks of it, and nothing else. */
const obedient = ({ prompt, turn }: { readonly prompt: string; readonly turn: number }) => {
  if (turn > 0) return say('Done.');
  const command = /Run exactly this command .*?: (.*)/.exec(prompt)?.[1];
  if (command !== undefined) return bash(command, { timeout: 600_000 });
  const message = /with the message: (.*)/.exec(prompt)?.[1];
  const line = /exactly this line: (.*)/.exec(prompt)?.[1];
  if (message === undefined) return say('All done!');
  const [file, text] = line === undefined ? ['docs.md', 'How to greet'] : ['app.js', line];
  return bash(`cat > ${file} <<'END'\n${text}\nEND\ngit add -A && git commit -qm '${message}'`);
};

it('plays the demo with the real claude', async () => {
  const root = temporaryFolder();
  const home = join(root, 'home');
  const bin = join(root, 'bin');
  for (const folder of [home, bin]) mkdirSync(folder);
  symlinkSync(realClaude(), join(bin, 'claude'));
  const api = await serveMessages(obedient);
  const env = claudeEnv(home, api.url, { PATH: `${bin}:${process.env.PATH}` });
  const { code, stdout, stderr } = await wt(root, env, ['demo', '--claude']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('and your claude');
  expect(stdout.match(/plain git:/g)).toHaveLength(5);
  expect(api.requests.length).toBeGreaterThan(6);
}, 120_000);
