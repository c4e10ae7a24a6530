import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { registry } from '../src/cli/registry.ts';
import { reportConfig } from '../src/domain/config-report.ts';
import { wtBin } from './support/bin.ts';
import { layered } from './support/config.ts';
import { makeRepo } from './support/repo.ts';

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const readme = readFileSync(file, 'utf8');

/** Replaces what stands between two markers; with WT_UPDATE_README set the file is rewritten. */
function section(name: string, rows: readonly string[]): [string, string] {
  const pattern = new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(<!-- /${name} -->)`);
  const wanted = `${rows.join('\n')}\n`;
  if (process.env.WT_UPDATE_README !== undefined) {
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(pattern, (_, begin, __, end) => begin + wanted + end),
    );
  }
  return [pattern.exec(readFileSync(file, 'utf8'))?.[2] ?? 'no such section', wanted];
}

const cell = (text: string) => text.replaceAll('|', '\\|');

describe('the README', () => {
  it('lists every command with its summary', async () => {
    const rows = await Promise.all(
      Object.entries(registry).map(async ([name, { load, aliases }]) => {
        const { summary } = await load();
        return `| \`${[name, ...aliases].join('`, `')}\` | ${cell(summary)} |`;
      }),
    );
    const [written, wanted] = section('commands', ['| command | |', '|---|---|', ...rows]);
    expect(written).toBe(wanted);
  });

  it('lists every setting with its default and its variable', () => {
    const rows = reportConfig(layered()).values.map(({ key, value, variable, description }) => {
      const shown = Array.isArray(value) ? value.join(', ') : String(value);
      return `| \`${key}\` | ${value === null ? '' : `\`${cell(shown)}\``} | ${cell(description)} | \`${variable}\` |`;
    });
    const [written, wanted] = section('configuration', [
      '| key | default | | variable |',
      '|---|---|---|---|',
      ...rows,
    ]);
    expect(written).toBe(wanted);
  });

  it('has only commands that work, in the order in which it shows them', async () => {
    const { path, root, home, env } = makeRepo();
    const bin = join(root, 'bin');
    mkdirSync(bin);
    symlinkSync(wtBin, join(bin, 'wt'));
    const agent = fileURLToPath(new URL('../dist/scripted-agent.js', import.meta.url));
    // An agent that does some work whatever it is asked.
    writeFileSync(
      join(bin, 'claude'),
      `#!/bin/sh\n{ cat; printf '\\n@write %s-%s.txt work\\n@commit Work\\n' "$(basename "$PWD")" "$$"; } | exec "${process.execPath}" "${agent}" "$@"\n`,
    );
    chmodSync(join(bin, 'claude'), 0o755);
    const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
    expect(blocks.length).toBeGreaterThan(6);
    const script = join(root, 'readme.sh');
    writeFileSync(script, `set -e\n${blocks.join('\n')}\ncd "${path}"\npwd\n`);
    const { stdout } = await promisify(execFile)('bash', ['-c', 'exec bash "$0" < /dev/null', script], {
      cwd: path,
      env: { ...env, HOME: home, PATH: `${bin}:${env.PATH}`, SHELL: '/bin/sh' },
      timeout: 230_000,
    });
    expect(stdout).toContain('fix-login landed on main');
    expect(stdout.trimEnd().endsWith(path)).toBe(true);
  }, 240_000);
});
