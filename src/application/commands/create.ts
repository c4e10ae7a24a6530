import * as z from 'zod';
import { CreateAnswer } from '../../domain/answers/create.ts';
import { type CreationRequest, refuseDuplicates } from '../../domain/creation.ts';
import { failures } from '../../domain/failure.ts';
import { nameWorktree } from '../../domain/naming.ts';
import { visibleText } from '../../domain/plain-text.ts';
import { quote } from '../../domain/shell.ts';
import { fetchBase } from '../base-fetch.ts';
import { defineCommand, many, one } from '../command.ts';
import { createWorktree, createWorktrees } from '../creation.ts';
import type { Hub, Ports } from '../ports.ts';
import { recover } from '../recovery.ts';
import type { CreationOptions } from '../registration.ts';
import { stepLines } from '../step-view.ts';

const Input = z.object({
  idOrBranch: z.array(z.string()).min(1),
  base: z.string().min(1, 'the base is empty').optional(),
  path: z
    .string()
    .min(1, 'the path is empty')
    .refine((path) => !path.includes('\uFFFD'), 'the path holds bytes that are not UTF-8')
    .optional(),
  branch: z.string().optional(),
  existing: z.boolean().default(false),
  fetch: z.boolean().default(false),
  provision: z.boolean().default(true),
  shareVenv: z.boolean().default(false),
  address: z.string().min(1, 'the address is empty').optional(),
});
type Input = z.infer<typeof Input>;

/** Makes branch and worktree for a project or a branch name, and provisions it. */
export const create = defineCommand({
  name: 'create',
  summary: 'Make a worktree with its branch, bound to a project and provisioned',
  description:
    'A name that begins with PROJ- is a project id: its branch, path and binding follow from it. Any other valid\n' +
    'branch name makes a worktree on that branch. Several are made at once.\n\n' +
    '  wt create PROJ-006-multi-instance\n' +
    '  wt create fix-login --base origin/main --fetch',
  args: [{ name: 'id-or-branch', summary: 'project ids or branch names', required: true, variadic: true }],
  options: [
    { flags: '--base <ref>', summary: 'start from this branch, tag or commit; else the default branch' },
    { flags: '--path <dir>', summary: 'put it there' },
    { flags: '-b, --branch <name>', summary: 'name the branch so' },
    { flags: '--existing', summary: 'check out a branch that is there already, here or on a remote' },
    { flags: '--fetch', summary: 'fetch the remote of the base first' },
    { flags: '--no-provision', summary: 'only check out' },
    { flags: '--share-venv', summary: "link the main worktree's .venv instead of making one" },
    { flags: '--address <pipeline/phase/agent>', summary: 'the agent of an orchestration that works here' },
  ],
  input: Input,
  answer: CreateAnswer,
  async run(ports, input) {
    const hub = await ports.hub();
    const { config } = await ports.config();
    const requests = await nameRequests(ports, hub, input);
    const base = input.base ?? config.base;
    await recover(ports, hub);
    const fetched =
      input.fetch || config.create.fetch ? await fetchBase(ports, hub, base, { asked: input.fetch }) : [];
    const options: CreationOptions = {
      base,
      provision: input.provision,
      shareVenv: input.shareVenv || config.provision.share_venv,
      address: input.address,
      variable: config.naming.variable,
    };
    const [only, ...others] = requests;
    const created =
      only !== undefined && others.length === 0
        ? [await createWorktree(ports, hub, only, options)]
        : await createWorktrees(ports, hub, requests, options);
    for (const { worktree } of created)
      if (worktree !== undefined) await hub.facts.rememberUsed(worktree.path);
    const answers = created.map(({ answer }) => ({ ...answer, warnings: [...fetched, ...answer.warnings] }));
    if (ports.narrator.format === 'people')
      for (const { warnings } of answers) for (const { message } of warnings) ports.narrator.warn(message);
    return answers.length === 1 && answers[0] !== undefined ? one(answers[0]) : many(answers);
  },
  view: (items) =>
    items
      .filter(({ base_sha: made }) => made !== null)
      .map(describe)
      .join('\n'),
});

/** Names every worktree of the command, all checked before anything is done. */
async function nameRequests(ports: Ports, hub: Hub, input: Input): Promise<readonly CreationRequest[]> {
  const { repository, folders } = hub;
  const { idOrBranch: names, path, branch, existing } = input;
  if (names.length > 1 && (path !== undefined || branch !== undefined)) {
    const flag = path === undefined ? '--branch' : '--path';
    throw failures.usage(`${flag} is for one worktree, and ${names.length} were named`);
  }
  const { config } = await ports.config();
  const requests: CreationRequest[] = [];
  for (const name of names) {
    const named = nameWorktree(name, config.naming, repository, { branch, path });
    const place = await folders.place(named.path, ports.environment.cwd(), ports.environment.home);
    // A bare hub is a folder that people do keep worktrees in.
    if (!repository.bare && `${place.path}/`.startsWith(`${repository.commonDir}/`))
      throw failures.usage(`${place.path} is inside the git folder`, 'choose another with --path <dir>');
    requests.push({ ...named, path: place.path, existing, branchGiven: branch !== undefined });
  }
  refuseDuplicates(requests);
  return requests;
}

function describe(item: CreateAnswer): string {
  const name = quote(item.project_id ?? item.branch ?? '');
  const from = item.base_ref === null ? '' : ` from ${item.base_ref} (${item.base_sha?.slice(0, 8)})`;
  return [
    `${item.branch}${from}`,
    `  path   ${visibleText(item.worktree_path ?? '')}`,
    ...(item.project_id === null ? [] : [`  bound  ${item.project_id}`]),
    ...stepLines(item.steps),
    ...(item.error === null ? [`  next   wt dispatch ${name} -p '…', or cd "$(wt path ${name})"`] : []),
    '',
  ].join('\n');
}
