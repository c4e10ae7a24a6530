import * as z from 'zod';

export const SessionKind = z.enum(['interactive', 'headless', 'background', 'agent']);
export type SessionKind = z.infer<typeof SessionKind>;

/** A session of claude that works, or waits for somebody, in a worktree, and that no run of wt began. */
export const Session = z.object({
  /** `null` for one in the background that has no process at the moment. */
  pid: z.int().positive().nullable(),
  /** `agent` is a subagent: claude locks the worktree that it made for it, and works from elsewhere. */
  kind: SessionKind,
  session_id: z.string().nullable(),
  name: z.string().nullable(),
  cwd: z.string(),
  /** By what it is known: a process in the folder, the lock of the worktree, or what claude itself keeps and lists. */
  source: z.enum(['process', 'lock', 'claude']),
});
export type Session = z.infer<typeof Session>;

/** `<configuration folder>/sessions/<pid>.json`, which every claude that runs keeps (2.1.197; not documented). */
export const RegisteredSession = z.object({
  pid: z.int().positive(),
  sessionId: z.string().optional(),
  cwd: z.string(),
  /** Field 22 of `/proc/<pid>/stat` on Linux. */
  procStart: z.string().optional(),
  kind: z.string().optional(),
  entrypoint: z.string().optional(),
  name: z.string().optional(),
});
export type RegisteredSession = z.infer<typeof RegisteredSession>;

/** `claude -p` calls itself interactive too (2.1.197), and tells by its entrypoint. */
export const kindOf = ({ kind, entrypoint }: RegisteredSession): SessionKind =>
  kind === 'bg' ? 'background' : entrypoint?.startsWith('sdk') ? 'headless' : 'interactive';

/** An element of `claude agents --json` (2.1.197). */
export const ListedSession = z.object({
  pid: z.int().positive().optional(),
  cwd: z.string(),
  kind: z.string().optional(),
  sessionId: z.string().optional(),
  name: z.string().optional(),
});

const interpreters = ['sh', 'bash', 'dash', 'zsh', 'node', 'bun', 'deno'];
// What is no conversation: claude's own helpers, and commands that end by themselves.
const others = ['daemon', 'agents', 'attach', 'logs', 'stop', 'mcp', 'plugin', 'update', 'doctor', 'install'];
const otherFlags = ['--bg-pty-host', '--version', '-v', '--help', '-h'];

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1).replace(/\.exe$/, '');

/** Whether a command line is that of a session: claude itself, or a script of that name or its package's in node. */
export function claudeIn(words: readonly string[]): { readonly kind: SessionKind } | undefined {
  const [program = '', script = ''] = words;
  const isDirect = base(program) === 'claude';
  const isScript =
    interpreters.includes(base(program)) &&
    (base(script) === 'claude' || script.includes('/@anthropic-ai/claude-code/'));
  if (!isDirect && !isScript) return undefined;
  const [first = '', ...rest] = words.slice(isDirect ? 1 : 2);
  if (others.includes(first) || otherFlags.includes(first)) return undefined;
  const isPrint = [first, ...rest].some((word) => word === '-p' || word === '--print');
  return { kind: isPrint ? 'headless' : 'interactive' };
}

/** A session as a line for people. */
export const describeSession = ({ kind, name, pid, session_id }: Session): string => {
  const which = pid === null ? (session_id ?? '') : `pid ${pid}`;
  return `${name === null ? 'a session of claude' : `claude's session ${name}`} (${kind}${which === '' ? '' : `, ${which}`})`;
};
