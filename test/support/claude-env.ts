import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The environment of a real claude in a test, from an allow-list: nothing else of the person who runs it (settings,
 * keys, endpoints, proxies) can be read or used. `home` is its HOME, `apiUrl` a loopback Messages API. TMPDIR is in
 * there too, because claude leaves the output of its tools behind.
 */
export function claudeEnv(
  home: string,
  apiUrl: string,
  extra: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  const { hostname } = new URL(apiUrl);
  if (hostname !== '127.0.0.1') throw new Error(`claude may talk to loopback only, not to ${hostname}`);
  const temporary = join(home, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return {
    PATH: process.env.PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    TMPDIR: temporary,
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: 'dummy-key-for-loopback',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ...extra,
  };
}

/** The real claude executable that `npm run test:claude` installed. */
export function realClaude(): string {
  const path = process.env.WT_TEST_CLAUDE;
  if (path === undefined || path === '')
    throw new Error('WT_TEST_CLAUDE is not set: use `npm run test:claude`');
  return path;
}
