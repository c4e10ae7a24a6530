import { spawn } from 'node:child_process';

/** An event of claude's stream, as it was parsed. */
export type StreamEvent = Readonly<Record<string, unknown>>;

/** What a headless session has given so far, and its end. */
export type Headless = {
  readonly pid: number;
  /** The events so far; lines that are no JSON object are left out. */
  readonly events: readonly StreamEvent[];
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Settles when it has exited and its stdout is closed. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
};

/** Starts `claude -p` with its event stream, the prompt on stdin; ends it with the test's `ended` or a signal. */
export function startHeadless(
  claude: string,
  options: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly prompt: string;
    readonly args?: readonly string[];
  },
): Headless {
  const args = ['-p', '--output-format', 'stream-json', '--verbose', ...(options.args ?? [])];
  const child = spawn(claude, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
  const events: StreamEvent[] = [];
  let stdout = '';
  let stderr = '';
  let unread = '';
  child.stdin.on('error', () => {});
  child.stdin.end(options.prompt);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const lines = (unread + chunk).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) {
      const event = parsed(line);
      if (event !== undefined) events.push(event);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return {
    pid: child.pid ?? 0,
    events,
    signal: (signal) => child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    }),
  };
}

function parsed(line: string): StreamEvent | undefined {
  try {
    return JSON.parse(line) as StreamEvent;
  } catch {
    return undefined;
  }
}
