/** One line of a script: what the agent does, and what with. */
export type Step = { readonly name: StepName; readonly rest: string };

const meanings = {
  write: '<path> <text>: the Write tool; \\n in the text is a line break, and one is added at the end',
  append: '<path> <text>: a line at the end of a file, by a shell command',
  commit: '<message>: everything in the worktree, by git add -A and git commit',
  run: '<command>: the Bash tool: a shell in a session of its own, waited for',
  background: '<command>: the Bash tool, which leaves the command running in a session of its own',
  deny: '<tool>: a use of the tool that is denied',
  structured: '<json>: the StructuredOutput tool, which ends the session; needs --json-schema',
  say: '<text>: a text; the last one is the result',
  big: '<bytes>: a text of that length, in one line of the stream',
  recall: "says how many prompts the session has had, and the first one's first line",
  sleep: '<ms>: the model takes its time',
  hang: 'the model never answers',
  retry: '<status>: the API is asked again, and claude says so',
  'api-error': '<status>: the API refuses for good (0: it cannot be reached)',
  'rate-limit': '<epoch seconds>, or + and seconds from now: the usage limit is hit; it ends then',
  'max-turns': 'the turn limit is hit',
  budget: 'the budget is exceeded',
  cost: '<usd>: what each further answer of the model costs',
  linger: '<ms>: stays that long after the result, then says that a background task was stopped',
  garbage: 'a line that is no JSON',
  'half-line': 'the beginning of an event, without an end and a line break',
  stderr: '<text>: a line on stderr',
  'no-result': 'ends with 0 and without a result',
  exit: '<code>: ends at once',
  'close-stdout': 'closes stdout and goes on',
  'ignore-term': 'SIGTERM, SIGINT and SIGHUP are ignored from here on',
  at: '<n> <step>: a step, without its @, that is played in the n-th prompt of the session and in no other',
  'stdin-early-close':
    'as the first line: closes stdin before the rest of the prompt was read, and exits with 1',
} as const;

/** The name of a step, as it stands after the @. */
export type StepName = keyof typeof meanings;

/** The steps a prompt asks for, in order; every other line is talk. An unknown @word is a mistake worth naming. */
export function readSteps(prompt: string): readonly Step[] | { readonly unknown: string } {
  const steps: Step[] = [];
  for (const line of prompt.split(/\r?\n/)) {
    const match = /^\s*@(.*)$/.exec(line);
    const step = match === null ? undefined : readStep(match[1] ?? '');
    if (step === undefined) continue;
    if (typeof step === 'string') return { unknown: step };
    steps.push(step);
  }
  return steps;
}

/** A step without its @; the name of one that does not exist. */
function readStep(text: string): Step | string | undefined {
  const [, name, rest = ''] = /^([a-z-]+)(?:\s+(.*))?$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return Object.hasOwn(meanings, name) ? { name: name as StepName, rest } : name;
}

/** What is played in the last of a session's prompts: what was put off until then, and its own steps. */
export function dueSteps(prompts: readonly string[]): readonly Step[] | { readonly unknown: string } {
  const due: Step[] = [];
  for (const [at, prompt] of prompts.entries()) {
    const steps = readSteps(prompt);
    if ('unknown' in steps) return steps;
    for (const step of steps) {
      const [, number, text = ''] = step.name === 'at' ? (/^(\d+)\s+(.*)$/.exec(step.rest) ?? []) : [];
      const later = number === undefined ? undefined : readStep(text);
      if (step.name === 'at' && typeof later !== 'object') return { unknown: `at ${step.rest}` };
      if (later !== undefined && Number(number) === prompts.length) due.push(later as Step);
      if (step.name !== 'at' && at === prompts.length - 1) due.push(step);
    }
  }
  return due;
}

/** The scripting language, for `--help`. */
export function describeSteps(): string {
  return Object.entries(meanings)
    .map(([name, meaning]) => `  @${name} ${meaning}`)
    .join('\n');
}
