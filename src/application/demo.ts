import { failures } from '../domain/failure.ts';
import type { DemoStage, Shown } from './ports/demo.ts';

/** What the demo asks its agents, for the scripted one and for claude. */
export type Script = (work: { readonly scripted: string; readonly claude: string }) => string;

export type DemoContext = {
  readonly stage: DemoStage;
  readonly ask: Script;
  readonly say: (text: string) => Promise<void>;
};

export type Beat = {
  readonly title: string;
  /** What plain git would have done here. */
  readonly plainGit: string;
  readonly play: (context: DemoContext) => Promise<void>;
};

/** Runs wt, shows the command and what it printed, and insists on how it ends. */
async function show(
  { stage, say }: DemoContext,
  args: readonly string[],
  expected: number,
  label = args.filter((word) => word !== '-q').join(' '),
): Promise<Shown> {
  const shown = await stage.wt(...args);
  await say(`$ wt ${label}\n${indent(shown.stdout)}`);
  if (shown.code !== expected) {
    throw failures.commandFailed(
      `wt ${label}`,
      `ended with ${shown.code} instead of ${expected}: ${shown.stderr.trim()}`,
    );
  }
  return shown;
}

const indent = (text: string) => text.trimEnd().replace(/^(?=.)/gm, '  ');

const insist = (holds: boolean, what: string) => {
  if (!holds) throw failures.commandFailed('wt demo', `expected that ${what}`);
};

const json = <T>({ stdout }: Shown) => JSON.parse(stdout) as T;

type Row = {
  readonly path: string;
  readonly branch: string | null;
  readonly state: string | null;
  readonly needs: { readonly kind: string } | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
};

async function dispatch(
  context: DemoContext,
  worktree: string,
  work: Parameters<Script>[0],
  expected: number,
): Promise<void> {
  await show(
    context,
    ['-q', 'dispatch', worktree, '-p', context.ask(work)],
    expected,
    `dispatch ${worktree} -p '…'`,
  );
}

const edit = (line: string, subject: string) => ({
  scripted: `@write app.js ${line}\n@commit ${subject}`,
  claude: `Replace the whole content of app.js with exactly this line: ${line}\nThen git add and git commit it with the message: ${subject}`,
});

const threeAgents: Beat = {
  title: 'Three agents at once, two of them on the same line',
  plainGit: 'three checkouts by hand, and the clash is found by whoever merges last',
  async play(context) {
    await show(context, ['-q', 'create', 'polite', 'loud', 'docs'], 0);
    await Promise.all([
      dispatch(context, 'polite', edit("export const greeting = 'Good morning';", 'Greet politely'), 0),
      dispatch(context, 'loud', edit("export const greeting = 'HELLO';", 'Greet loudly'), 0),
      dispatch(
        context,
        'docs',
        {
          scripted: '@write docs.md How to greet\n@commit Describe greeting',
          claude:
            'Create docs.md with the line: How to greet. Then git add and git commit it with the message: Describe greeting',
        },
        0,
      ),
    ]);
    await show(context, ['status'], 0);
    const rows = json<Row[]>(await context.stage.wt('--json', 'status'));
    const clashes = rows.filter(({ warnings }) =>
      warnings.some(({ code }) => code === 'conflicts_with_worktree'),
    );
    insist(clashes.length === 2, 'status names the two worktrees that clash');
    for (const { branch, warnings } of clashes) {
      await context.say(
        `  ${branch}: ${warnings.find(({ code }) => code === 'conflicts_with_worktree')?.message}`,
      );
    }
  },
};

const idleAgent: Beat = {
  title: 'An agent that says it is done, and did nothing',
  plainGit: 'exit code 0, so a script goes on and merges nothing',
  async play(context) {
    await show(context, ['-q', 'create', 'idle'], 0);
    await dispatch(
      context,
      'idle',
      {
        scripted: '@say All done!',
        claude: 'Do not use any tool and change nothing. Answer with: All done!',
      },
      1,
    );
    const [run] = json<{ status: string; reason: string; exit_code: number }[]>(
      await context.stage.wt('--json', 'runs'),
    );
    insist(run?.reason === 'no_commits', 'the run counts as no_commits');
    await context.say(
      `  the agent's exit code was ${run?.exit_code}; wt says ${run?.status}, ${run?.reason}, and exits 1`,
    );
  },
};

const killed: Beat = {
  title: 'wt and its supervisor are killed in the middle of a run, then the agent as well',
  plainGit: 'what is left runs on, and nobody knows',
  async play(context) {
    const { stage, say } = context;
    await show(context, ['-q', 'create', 'doomed'], 0);
    const command = "sh -c 'echo $$ > started; exec sleep 600'";
    const prompt = context.ask({
      scripted: `@run ${command}`,
      claude: `Run exactly this command with the Bash tool, in the foreground, and wait for it: ${command}`,
    });
    const waiting = await stage.start('-q', 'dispatch', 'doomed', '-p', prompt);
    type Run = { worktree_path: string; pid: number | null; log_path: string };
    const run = await stage.until('the run', async () =>
      json<Run[]>(await stage.wt('--json', 'runs')).find(
        ({ worktree_path, pid }) => worktree_path.endsWith('doomed') && pid !== null,
      ),
    );
    const tool = await stage.until('the tool of the agent', async () => {
      const text = await stage.read(`${run.worktree_path}/started`);
      return text === undefined || text.trim() === '' ? undefined : Number(text);
    });
    const keeper = async () => {
      const record = JSON.parse((await stage.read(run.log_path.replace(/[^/]+$/, 'run.json'))) ?? '{}');
      return record.supervisor.pid as number;
    };
    const first = await keeper();
    await say(`  kill -9: wt (${waiting}) and its supervisor (${first})`);
    stage.kill(waiting);
    stage.kill(first);
    await show(context, ['status', 'doomed'], 0);
    const second = await keeper();
    insist(
      second !== first && stage.isAlive(run.pid ?? 0),
      'the next command gives the agent a new supervisor',
    );
    await say(`  the agent goes on under a new supervisor (${second})`);
    await say(`  kill -9: that one and the agent (${run.pid})`);
    stage.kill(second);
    stage.kill(run.pid ?? 0);
    await show(context, ['status', 'doomed'], 0);
    const [row] = json<Row[]>(await stage.wt('--json', 'status', 'doomed'));
    insist(row?.state === 'failed' && row.needs?.kind === 'lost', 'status says that the run was lost');
    insist(!stage.isAlive(run.pid ?? 0) && !stage.isAlive(tool), 'nothing is left running');
    await say(`  its tool (${tool}) has been ended`);
  },
};

const landing: Beat = {
  title: 'What was previewed is what lands',
  plainGit: 'the third merge stops in the middle, with markers in the files of main',
  async play(context) {
    const { stage, say } = context;
    type Merge = {
      branch: string;
      status: string;
      merge_tree: string | null;
      conflicts: { path: string; kind: string }[];
    };
    const preview = json<Merge[]>(await stage.wt('--json', 'merge', '-n', 'polite', 'docs', 'loud'));
    await show(context, ['merge', '-n', 'polite', 'docs', 'loud'], 3);
    // The one that conflicts with nothing comes first; of the other two the one whose work was done first.
    const clean = preview.filter(({ status }) => status === 'dry-run-clean');
    const [stuck] = preview.filter(({ status }) => status === 'dry-run-conflicts');
    await show(context, ['merge', ...clean.map(({ branch }) => branch)], 0);
    const tree = await stage.git('rev-parse', 'main^{tree}');
    insist(tree === clean.at(-1)?.merge_tree, 'the tree on main is the tree of the preview');
    await say(`  main's tree is ${tree.slice(0, 10)}, as previewed`);
    await show(context, ['merge', stuck?.branch ?? ''], 3);
    insist(stuck?.conflicts[0]?.path === 'app.js', 'the third is a conflict in app.js');
    insist((await stage.git('status', '--porcelain')) === '', 'main is untouched by the conflict');
  },
};

const undone: Beat = {
  title: 'A forced cleanup, and back',
  plainGit: 'git worktree remove --force: uncommitted work and ignored files are gone',
  async play(context) {
    const { stage, say } = context;
    const path = json<{ path: string }>(await stage.wt('--json', 'path', 'loud')).path;
    await stage.write(`${path}/.env`, 'TOKEN=ignored-by-git\n');
    await stage.write(`${path}/notes.txt`, 'never committed\n');
    await show(context, ['cleanup', 'loud', '--force'], 0);
    insist((await stage.read(`${path}/.env`)) === undefined, 'the worktree is gone');
    await show(context, ['undo'], 0);
    insist((await stage.read(`${path}/.env`)) === 'TOKEN=ignored-by-git\n', 'the ignored file is back');
    insist((await stage.read(`${path}/notes.txt`)) === 'never committed\n', 'the uncommitted file is back');
    await say('  .env and notes.txt are back');
  },
};

/** The five beats of `wt demo`. Each insists on what it shows. */
export const beats: readonly Beat[] = [threeAgents, idleAgent, killed, landing, undone];

/** The repository that the beats play in. */
export async function setTheStage({ git, write, repository }: DemoStage): Promise<void> {
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Demo');
  await git('config', 'user.email', 'demo@example.com');
  await write(`${repository}/app.js`, "export const greeting = 'hello';\n");
  await write(`${repository}/.gitignore`, '.env\nstarted\n');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'A greeting');
}
