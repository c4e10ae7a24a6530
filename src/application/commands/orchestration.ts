import * as z from 'zod';
import type { OrchestrationAnswer } from '../../domain/answers/orchestration.ts';
import { failures } from '../../domain/failure.ts';
import { defineCommand, one } from '../command.ts';
import { initFile, setStatus } from '../orchestration-changes.ts';
import { showFile, validateFile } from '../orchestration-looks.ts';
import { orchestrationView } from '../orchestration-view.ts';

const Input = z.object({
  action: z.enum(['show', 'validate', 'set', 'init'], { error: 'is show, validate, set or init' }),
  address: z.string().optional(),
  status: z.string().optional(),
  file: z.string().optional(),
  artifact: z.string().optional(),
  note: z.string().optional(),
  if: z.string().optional(),
  statusOnly: z.boolean().default(false),
  here: z.boolean().default(false),
  project: z.string().optional(),
});
type Input = z.infer<typeof Input>;

/** Reads and edits the ORCHESTRATION.yaml of a workflow: what a status change need not touch stays to the byte. */
export const orchestration = defineCommand({
  name: 'orchestration',
  summary: 'Show and set the state of a workflow in ORCHESTRATION.yaml',
  description:
    "An address is the ids from the top, joined by '/': pipeline/phase/agent, or a barrier's id, or workflow; a part of\n" +
    'its end is enough where only one has it. A status in capitals (PENDING, READY, IN_PROGRESS, COMPLETE, FAILED, BLOCKED,\n' +
    "SKIPPED, CANCELLED) goes in the file's own words. updated_at, started_at and completed_at follow where the file has\n" +
    'them. From a linked worktree the copy of the main worktree is edited, unless --here.\n\n' +
    '  wt orchestration show\n' +
    '  wt orchestration validate --file projects/PROJ-006-multi-instance/ORCHESTRATION.yaml\n' +
    '  wt orchestration set pipeline-a/1/agent-a-001 COMPLETE --artifact docs/report.md --if IN_PROGRESS\n' +
    '  wt orchestration init sao-crosspoll-20260110-001 --project PROJ-006-multi-instance',
  args: [
    { name: 'action', summary: 'show, validate, set or init', required: true },
    { name: 'address', summary: 'with set: what to set; with init: the id of the workflow' },
    { name: 'status', summary: 'with set: a status' },
  ],
  options: [
    { flags: '--file <yaml>', summary: 'which file; else orchestration.file, or the one that is found' },
    { flags: '--artifact <path>', summary: 'with set: what came of it, from the top of the repository' },
    { flags: '--note <text>', summary: 'with set: a note beside the status' },
    { flags: '--if <status>', summary: 'with set: only if it has this status now' },
    { flags: '--status-only', summary: 'with set: this text exactly, and nothing else' },
    { flags: '--here', summary: "the copy of this worktree, not the coordinator's" },
    { flags: '--project <id>', summary: 'with init: the project of the workflow' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/orchestration.ts')).OrchestrationAnswer,
  async run(ports, input) {
    assertFitting(input);
    const { action, address, status } = input;
    const hub = await ports.hub();
    if (action === 'show') return one<OrchestrationAnswer>(await showFile(ports, hub, input));
    if (action === 'validate') return one<OrchestrationAnswer>(await validateFile(ports, hub, input));
    if (action === 'init') {
      if (address === undefined)
        throw failures.usage(
          'init needs the id of the workflow',
          'wt orchestration init <workflow-id> --project <id>',
        );
      return one<OrchestrationAnswer>(await initFile(ports, hub, address, input));
    }
    if (address === undefined || status === undefined)
      throw failures.usage('set needs an address and a status', 'wt orchestration set <address> <status>');
    const { statusOnly, artifact, note } = input;
    const change = { address, status, statusOnly, artifact, note, onlyIf: input.if };
    return one<OrchestrationAnswer>(await setStatus(ports, hub, change, input));
  },
  view: ([answer], options) => (answer === undefined ? '' : orchestrationView(answer, options)),
});

function assertFitting(input: Input): void {
  const { action, address, status, artifact, note, statusOnly, project } = input;
  const given = (flags: Readonly<Record<string, unknown>>) =>
    Object.entries(flags).find(([, value]) => value !== undefined && value !== false)?.[0];
  const ofSet = given({
    '--artifact': artifact,
    '--note': note,
    '--if': input.if,
    '--status-only': statusOnly,
  });
  if (action !== 'set' && ofSet !== undefined)
    throw failures.usage(`${ofSet} goes with set`, 'wt orchestration set <address> <status>');
  if (action !== 'init' && project !== undefined)
    throw failures.usage('--project goes with init', 'wt orchestration init <workflow-id> --project <id>');
  const extra = action === 'set' ? undefined : action === 'init' ? status : (address ?? status);
  if (extra !== undefined)
    throw failures.usage(`wt orchestration ${action} takes no '${extra}'`, 'wt orchestration --help');
}
