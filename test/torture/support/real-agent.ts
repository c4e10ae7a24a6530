import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagesRequest } from '../../support/messages-request.ts';
import { bash, hang, refuse, say, type Turn } from '../../support/model-turn.ts';
import { type Done, readEvidence } from './evidence.ts';
import type { Job } from './plan.ts';
import type { Random } from './random.ts';

/** What the scripted model has the real claude do: shell commands that write down what they did, and an end. */
type Plan = { readonly commands: readonly string[]; readonly end: 'done' | 'refused' | 'hang' };

const evidence = '"$WT_TORTURE_EVIDENCE/$WT_DISPATCH_ID.jsonl"';

const write = (path: string) =>
  `mkdir -p work && echo "$WT_DISPATCH_ID ${path}" > ${path} && ` +
  `printf '{"act":"wrote","path":"${path}","sha":"%s"}\\n' "$(git hash-object ${path})" >> ${evidence}`;
const commit = (number: number) =>
  `git add -A && git commit -q --allow-empty -m "$WT_DISPATCH_ID ${number}" && ` +
  `printf '{"act":"committed","sha":"%s"}\\n' "$(git rev-parse HEAD)" >> ${evidence}`;
const daemon = `cd / && setsid bash -c 'exec -a "$WT_TORTURE_TAG-root-$WT_DISPATCH_ID" sleep 86400' >/dev/null 2>&1 & true`;

/** Draws a job; it is the prompt, and what the model does when it reads it. */
export function drawRealJob(
  random: Random,
  name: string,
): { readonly prompt: string; readonly flags: Job['flags'] } {
  const steps = random.between(1, 3);
  const commands = Array.from({ length: steps }, (_, step) =>
    random.pick([
      write(`work/${name}-${step}.txt`),
      `${write(`work/${name}-${step}.txt`)} && ${commit(step)}`,
      `sleep 0.${random.between(1, 9)}`,
      daemon,
    ]),
  );
  const draw = random.next();
  const end = draw < 0.1 ? 'hang' : draw < 0.2 ? 'refused' : 'done';
  const plan: Plan = { commands, end };
  return {
    prompt: JSON.stringify(plan),
    flags: ['--timeout', '20', ...(random.chance(0.2) ? ['--async'] : [])],
  };
}

/** The model: it plays the plan in the prompt, one command for each of its answers. */
export function playPlan({ prompt, turn }: MessagesRequest): Turn {
  const { commands, end } = JSON.parse(prompt) as Plan;
  const command = commands[turn];
  if (command !== undefined) return bash(command);
  return end === 'hang' ? hang : end === 'refused' ? refuse(400) : say('done');
}

/** What the real claudes did: what their tools wrote down, who asked the model, and the results in their streams. */
export function realEvidence(
  folder: string,
  runs: readonly { readonly id: string; readonly session: string; readonly stream: string }[],
  requests: readonly MessagesRequest[],
): ReadonlyMap<string, readonly Done[]> {
  const told = readEvidence(folder);
  const sessions = new Set(requests.map(({ session }) => session));
  return new Map(
    runs.map(({ id, session, stream }) => {
      const began: Done[] = sessions.has(session) ? [{ act: 'start', pid: 0, resumed: false }] : [];
      return [id, [...began, ...(told.get(id) ?? []), ...resultsIn(stream)]];
    }),
  );
}

function resultsIn(path: string): Done[] {
  return readFileSync(join(path), 'utf8')
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.includes('"type":"result"'))
    .map((line): Done => ({ act: 'result', error: JSON.parse(line).is_error }));
}
