import * as z from 'zod';
import { isFailure } from '../../domain/failure.ts';
import { readEvents } from '../../domain/stream-event.ts';
import { defineCommand, many } from '../command.ts';
import { summaryLine } from '../dispatch-view.ts';
import { openLogView } from '../log-view.ts';
import { selectRuns } from '../run-selection.ts';

/** Shows what happens in a run: rendered for people, or the stream as claude wrote it. */
export const logs = defineCommand({
  name: 'logs',
  summary: 'Show what a dispatch did',
  description:
    'The prompt, what the agent said, its tool calls with the beginning of what they gave, attempts, checks, pauses\n' +
    'and the cost. On a terminal long lines are cut to its width. Ctrl-C leaves the run alone.\n\n' +
    '  wt logs 6 --follow\n  wt logs dispatch-20260220-001 --raw | jq -c .type',
  args: [{ name: 'run', summary: 'a dispatch id or a worktree (its newest dispatch)', required: true }],
  options: [
    { flags: '--follow', summary: 'go on until it has ended' },
    { flags: '--raw', summary: "claude's own stream-json" },
  ],
  input: z.object({
    run: z.string(),
    follow: z.boolean().default(false),
    raw: z.boolean().default(false),
  }),
  answer: undefined,
  async run(ports, { run, follow, raw }) {
    const { narrator, terminal } = ports;
    const hub = await ports.hub();
    const [record] = await selectRuns(ports, hub, [run]);
    const id = record?.dispatch.dispatch_id ?? '';
    const signal = AbortSignal.any([narrator.signal, narrator.outputClosed]);
    const options = { wait: follow, signal };
    if (raw) {
      for await (const bytes of await hub.supervisors.raw(id, options)) await narrator.write(bytes);
      return many([]);
    }
    const prompt = await terminal.readFile(`${hub.runs.folder(id)}/prompt.md`).catch((error) => {
      if (isFailure(error)) return ''; // an old run may have lost it
      throw error;
    });
    const { color, tty } = narrator;
    const view = openLogView({ color, columns: tty.stdout ? tty.columns : undefined });
    if (prompt !== '') await narrator.write(view.prompt(prompt));
    for await (const news of await hub.supervisors.follow(id, { lines: true, ...options })) {
      if (news.kind === 'line') {
        for (const event of readEvents(news.line)) await narrator.write(view.event(event));
      }
      if (news.kind === 'attempt') await narrator.write(view.attempt(news.number, news.record));
      if (news.kind === 'record') await narrator.write(view.record(news.record, ports.clock.now()));
      if (news.kind === 'record' && news.record.phase !== 'ended' && !follow)
        await narrator.write(`${summaryLine(news.record.dispatch, color)}\n`);
    }
    return many([]);
  },
  view: () => '',
});
