import type { CreateAnswer } from '../../domain/answers/create.ts';
import { quote } from '../../domain/shell.ts';
import { bindCreation } from '../binding.ts';
import { defineCommand, many, one } from '../command.ts';
import { createdLines } from '../create-view.ts';
import { createWorktree, createWorktrees } from '../creation.ts';
import {
  CreationInput,
  creationFlags,
  creationOptions,
  fetchFirst,
  nameRequests,
} from '../creation-options.ts';
import { recover } from '../recovery.ts';

/** Makes branch and worktree for a project or a branch name, and provisions it. */
export const create = defineCommand({
  name: 'create',
  summary: 'Make a worktree with its branch, bound to a project and provisioned',
  description:
    'A name that begins with PROJ- is a project id: its branch, path and binding follow from it. Any other valid\n' +
    'branch name makes a worktree on that branch. Several are made at once.\n\n' +
    '  wt create PROJ-006-multi-instance --address pipeline-a/1/agent-a-001\n' +
    '  wt create fix-login --base origin/main --fetch',
  args: [{ name: 'id-or-branch', summary: 'project ids or branch names', required: true, variadic: true }],
  options: creationFlags,
  input: CreationInput,
  answer: async () => (await import('../../domain/answers/create.ts')).CreateAnswer,
  async run(ports, input) {
    const hub = await ports.hub();
    const requests = await nameRequests(ports, hub, input);
    const project = requests[0]?.projectId;
    const { address, orchestration } = input;
    const wish = { address, orchestration, project };
    const { bound, warnings: ofBinding } = await bindCreation(ports, hub, wish, { needsFile: false });
    const options = await creationOptions(ports, input, bound);
    await recover(ports, hub);
    const fetched = await fetchFirst(ports, hub, input, options.base);
    const [only, ...others] = requests;
    const created =
      only !== undefined && others.length === 0
        ? [await createWorktree(ports, hub, only, options)]
        : await createWorktrees(ports, hub, requests, options);
    for (const { worktree } of created)
      if (worktree !== undefined) await hub.facts.rememberUsed(worktree.path);
    const answers = created.map(({ answer }) => ({
      ...answer,
      warnings: [...ofBinding, ...fetched, ...answer.warnings],
    }));
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

function describe(item: CreateAnswer): string {
  const name = quote(item.project_id ?? item.branch ?? '');
  return [
    ...createdLines(item),
    ...(item.error === null ? [`  next   wt dispatch ${name} -p '…', or cd "$(wt path ${name})"`] : []),
    '',
  ].join('\n');
}
