// A claude that plays the plan in its prompt and writes down outside, in $WT_TORTURE_EVIDENCE, what it really did:
// the tests judge wt's records by that. Started again with --resume it goes on after the act that it had come to.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const words = process.argv.slice(2);
const after = (flag) => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
const session = after('--session-id') ?? after('--resume');
const evidence = join(process.env.WT_TORTURE_EVIDENCE, `${process.env.WT_DISPATCH_ID}.jsonl`);
const memory = join(process.env.WT_TORTURE_EVIDENCE, 'sessions', `${session}.json`);
const tag = process.env.WT_TORTURE_TAG;

const log = (entry) => appendFileSync(evidence, `${JSON.stringify({ at: Date.now(), ...entry })}\n`);
const emit = (event) => {
  const line = Buffer.from(`${JSON.stringify({ ...event, session_id: session })}\n`);
  for (let from = 0; from < line.length; ) from += writeSync(1, line, from);
};
let uses = 0;
const block = (content) => ({ message: { id: `msg_${uses}`, role: 'assistant', content: [content] } });
const use = (name, input) => {
  uses += 1;
  emit({ type: 'assistant', ...block({ type: 'tool_use', id: `toolu_${uses}`, name, input }) });
};
const used = (content) =>
  emit({
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${uses}`, content }] },
  });

/** As claude's Bash tool: a session of its own, which goes on when claude is killed. */
const shell = (command) =>
  new Promise((done) => {
    const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'ignore' });
    child.on('exit', (code) => done(code));
  });

const acts = {
  write: async (name, size) => {
    const bytes = Buffer.alloc(size, `${process.env.WT_DISPATCH_ID} ${name}\n`);
    use('Write', { file_path: name });
    mkdirSync(dirname(name), { recursive: true });
    writeFileSync(name, bytes);
    const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    log({ act: 'wrote', path: name, sha });
    used('written');
  },
  commit: async (number) => {
    use('Bash', { command: 'git commit' });
    const done = `printf '{"act":"committed","sha":"%s"}\\n' "$(git rev-parse HEAD)" >> '${evidence}'`;
    const message = `${process.env.WT_DISPATCH_ID} ${number}`;
    const code = await shell(`git add -A && git commit -q --allow-empty -m '${message}' && ${done}`);
    if (code !== 0) log({ act: 'commit-failed', code });
    used(`Exit code ${code}`);
  },
  think: async (ms) => sleep(ms),
  work: async (ms) => {
    use('Bash', { command: `sleep ${ms / 1000}` });
    await shell(`sleep ${ms / 1000}`);
    used('');
  },
  hang: () => new Promise(() => setInterval(() => {}, 1 << 30)),
  /** A process that goes on for ever: in a session of its own, there in /, or also without the marker. */
  daemon: async (kind, ms) => {
    use('Bash', { command: 'a daemon' });
    const run = `exec -a '${tag}-${kind}-${process.env.WT_DISPATCH_ID}' sleep 86400`;
    const [program, ...rest] =
      kind === 'bare' ? ['env', '-i', '/bin/bash', '-c', run] : ['/bin/bash', '-c', run];
    const cwd = kind === 'session' ? process.cwd() : '/';
    // A bare one stays a child of this process; the others are nobody's, as after a shell's `&`.
    if (kind === 'bare') spawn(program, rest, { detached: true, stdio: 'ignore', cwd }).unref();
    else await shell(`cd '${cwd}' && setsid /bin/bash -c "${run}" </dev/null >/dev/null 2>&1 & `);
    log({ act: 'daemon', kind });
    await sleep(ms);
    used('');
  },
  half: async () => {
    writeSync(1, '{"type":"assistant","message":{"id":"msg_');
    log({ act: 'half' });
  },
  die: async (how) => {
    log({ act: 'dying', how });
    if (typeof how === 'number') process.exit(how);
    process.kill(process.pid, how);
    await sleep(60_000);
  },
  result: async (kind) => {
    const error = kind === 'api';
    const result = error ? 'API Error: 500 scripted refusal' : 'done';
    const spent = { num_turns: uses + 1, duration_ms: 1, total_cost_usd: 0.01, permission_denials: [] };
    log({ act: 'result-begun', error });
    emit({
      type: 'result',
      subtype: 'success',
      is_error: error,
      api_error_status: error ? 500 : null,
      result,
      ...spent,
    });
    log({ act: 'result', error });
    if (error) process.exit(1);
  },
  linger: async (ms) => {
    emit({ type: 'system', subtype: 'task_notification' });
    await sleep(ms);
  },
};

mkdirSync(dirname(memory), { recursive: true });
log({ act: 'start', pid: process.pid, resumed: words.includes('--resume') });
const prompt = readFileSync(0, 'utf8');
let { plan, next } = { plan: [], next: 0 };
if (words.includes('--resume')) ({ plan, next } = JSON.parse(readFileSync(memory, 'utf8')));
else plan = JSON.parse(prompt);
emit({ type: 'system', subtype: 'init', cwd: process.cwd(), tools: [], model: 'torture' });
for (; next < plan.length; next += 1) {
  writeFileSync(memory, JSON.stringify({ plan, next: next + 1 }));
  const [name, ...rest] = plan[next];
  await acts[name](...rest);
}
log({ act: 'exit', code: 0 });
process.exit(0);
