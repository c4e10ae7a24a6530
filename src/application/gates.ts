import { type Failure, failures } from '../domain/failure.ts';
import {
  changedFilesWarning,
  type GateAnswer,
  type GateSubject,
  gateEnvironment,
  gateFailure,
  isMemorable,
} from '../domain/gate.ts';
import { intentMarker } from '../domain/intent.ts';
import { oneLine } from '../domain/plain-text.ts';
import type { Warning } from '../domain/warning.ts';
import type { Entered, GateRoom } from './gate-room.ts';
import { type LiveLines, openLiveLines } from './live-lines.ts';
import type { GateEnd } from './ports/gates.ts';
import type { OpenIntent } from './ports/state.ts';
import type { Hub, Ports } from './ports.ts';
import { failureOf } from './provisioning/receipts.ts';

export type GateRequest = GateSubject & {
  /** Folders of the objects that lead to the commit and are not in the repository. */
  readonly objects?: readonly string[];
  readonly commands: readonly string[];
  /** Runs also what is remembered. */
  readonly fresh?: boolean;
  /** The live lines of the command, where it has others too. */
  readonly live?: LiveLines;
};

export type GatesRun = {
  /** Those that were run or remembered, in order; the last one is the failed one. */
  readonly gates: readonly GateAnswer[];
  /** `gate_failed`, `interrupted`, or what kept the tree from being checked out. */
  readonly failure?: Failure;
  /** The end of the failed gate's output, about 4 KB. */
  readonly tail: string;
  readonly warnings: readonly Warning[];
};

/** One gate's answer and what belongs to it. */
type Gated = {
  readonly gate: GateAnswer;
  readonly tail: string;
  readonly warnings: readonly Warning[];
  readonly detail?: string;
};

type Work = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly room: GateRoom;
  readonly request: GateRequest;
  readonly timeoutMs: number;
  readonly live: LiveLines;
};

/**
 * Runs gates on a merged tree until one fails. What was found before on the same tree answers at once; a failure of a
 * gate whose predecessors were only remembered counts once they have run in this room too: it may need what they make.
 */
export async function runGates(
  ports: Ports,
  hub: Hub,
  room: GateRoom,
  given: GateRequest,
): Promise<GatesRun> {
  const request = { ...given, commands: [...new Set(given.commands)] };
  const { config } = await ports.config();
  const timeoutMs = config.merge.gate_timeout * 1000;
  const live = request.live ?? openLiveLines(ports.narrator);
  const work: Work = { ports, hub, room, request, timeoutMs, live };
  const known = request.fresh === true ? [] : await recallAll(work);
  const isSettled = known.length === request.commands.length || known.at(-1)?.gate.reason != null;
  if (isSettled) return outcomeOf(work, known);

  const { tree, commit } = request;
  let run: GatesRun | undefined;
  let failure: Failure | undefined;
  const facts = { worktreePath: null, step: 'running', data: { tree, commit } };
  await hub.intents.during('gate', facts, async (intent) => {
    failure = await failureOf(async () => {
      const due = await runDue(work, intent, known);
      const isDoubtful = due.at(-1)?.gate.reason === 'failed' && due.some(({ gate }) => gate.cached);
      if (isDoubtful) ports.narrator.note(`${request.candidate.name}: running the remembered gates too`);
      run = outcomeOf(work, isDoubtful ? await runDue(work, intent, []) : due);
    });
  });
  return run ?? { gates: known.map(({ gate }) => gate), tail: '', warnings: [], ...(failure && { failure }) };
}

/** What is remembered, up to the first gate that is not, or that failed. */
async function recallAll({ ports, hub, request }: Work): Promise<readonly Gated[]> {
  const known: Gated[] = [];
  for (const command of request.commands) {
    const found = await hub.gates.recall({ tree: request.tree, command });
    if (found === undefined) break;
    const { exit_code, duration_ms, tail, warnings, at } = found.record;
    const reason = exit_code === 0 ? null : 'failed';
    const log_path = found.logPath ?? null;
    known.push({ gate: { command, exit_code, duration_ms, cached: true, reason, log_path }, tail, warnings });
    const how = reason === null ? 'passed' : 'failed';
    ports.narrator.note(`${request.candidate.name}: ${oneLine(command, 60)} ${how} on this tree at ${at}`);
    if (reason !== null) break;
  }
  return known;
}

/** Runs the gates after those that are known, the first that fails last. */
async function runDue(work: Work, intent: OpenIntent, known: readonly Gated[]): Promise<readonly Gated[]> {
  const { ports, room, request, live } = work;
  const { name } = request.candidate;
  const [first = '', ...rest] = request.commands.slice(known.length);
  const show = (line: string | undefined) => (line === undefined ? live.clear(name) : live.set(name, line));
  const began = ports.clock.monotonicMs();
  let entered = await room.enter(request, intent, show);
  if (entered.failure !== undefined) {
    const { code, message } = entered.failure;
    const duration_ms = Math.round(ports.clock.monotonicMs() - began);
    const reason = code === 'interrupted' ? ('interrupted' as const) : ('provisioning' as const);
    const gate = { command: first, exit_code: null, duration_ms, cached: false, reason, log_path: null };
    return [...known, { gate, tail: entered.tail, warnings: entered.warnings, detail: message }];
  }
  const done: Gated[] = [];
  for (const command of [first, ...rest]) {
    if (done.length > 0 && !(await entered.tidy())) entered = await room.enter(request, intent, show);
    const gated = await runOne(work, intent, entered, command);
    done.push(done.length > 0 ? gated : { ...gated, warnings: [...entered.warnings, ...gated.warnings] });
    if (gated.gate.reason !== null) break;
  }
  return [...known, ...done];
}

async function runOne(
  { ports, hub, request, timeoutMs, live }: Work,
  intent: OpenIntent,
  { path, changed }: Entered,
  command: string,
): Promise<Gated> {
  const { clock, narrator } = ports;
  const { name } = request.candidate;
  const { config } = await ports.config();
  const before = await changed();
  const began = clock.monotonicMs();
  const elapsed = () => Math.round(clock.monotonicMs() - began);
  const shown = oneLine(command, 60);
  const tell = () => live.set(name, `${name}: ${shown} (${Math.round(elapsed() / 1000)} s) …`);
  tell();
  const ticking = setInterval(tell, 1_000);
  let end: GateEnd;
  try {
    end = await hub.gates.run(
      {
        tree: request.tree,
        command,
        cwd: path,
        env: gateEnvironment(request, { path, variable: config.naming.variable }),
        timeoutMs,
      },
      {
        onChild: intent.child,
        marker: intentMarker(intent.id),
        step: `${intent.id}.gate`,
        signal: narrator.signal,
      },
    );
  } finally {
    clearInterval(ticking);
    live.clear(name);
  }
  const duration_ms = elapsed();
  const after = end.how === 'interrupted' ? before : await changed();
  const warnings = [
    changedFilesWarning(
      command,
      after.filter((file) => !before.includes(file)),
    ),
    leftoversWarning(command, end.leftovers),
  ].filter((warning) => warning !== undefined);
  const gate: GateAnswer = {
    command,
    exit_code: end.how === 'exited' ? end.exitCode : null,
    duration_ms,
    cached: false,
    reason: reasonOf(end),
    log_path: end.logPath ?? null,
  };
  const { tree } = request;
  if (gate.exit_code !== null && isMemorable(gate.exit_code))
    await hub.gates.remember({
      version: 1,
      tree,
      command,
      exit_code: gate.exit_code,
      duration_ms,
      tail: end.tail,
      warnings,
      at: clock.now().toISOString(),
    });
  if (gate.reason === null) narrator.note(`${name}: ${shown} passed in ${(duration_ms / 1000).toFixed(1)} s`);
  return { gate, tail: end.tail, warnings, detail: end.tail };
}

function reasonOf({ how, exitCode }: GateEnd): GateAnswer['reason'] {
  if (how === 'not-started') return 'not_started';
  if (how !== 'exited') return how;
  if (exitCode === null) return 'signal';
  return exitCode === 0 ? null : 'failed';
}

const leftoversWarning = (command: string, leftovers: readonly string[]): Warning | undefined =>
  leftovers.length === 0
    ? undefined
    : {
        code: 'processes_ended',
        message: `the gate '${oneLine(command)}' left processes running, which were ended: ${leftovers.slice(0, 5).join(', ')}`,
      };

/** The answer: the last gate's failure is that of all. */
function outcomeOf({ ports, request, timeoutMs }: Work, gated: readonly Gated[]): GatesRun {
  const gates = gated.map(({ gate }) => gate);
  const warnings = gated.flatMap((each) => each.warnings);
  const last = gated.at(-1);
  if (last === undefined || last.gate.reason === null) return { gates, tail: '', warnings };
  const { name } = request.candidate;
  const failure =
    last.gate.reason === 'interrupted'
      ? failures.interrupted(String(ports.narrator.signal.reason))
      : gateFailure(last.gate, {
          name,
          timeoutMs,
          output: last.tail,
          ...(last.detail === undefined ? {} : { detail: last.detail }),
        });
  return { gates, failure, tail: last.tail, warnings };
}
