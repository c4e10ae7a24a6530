import * as z from 'zod';
import { isFailure } from '../../domain/failure.ts';
import { oneLine } from '../../domain/plain-text.ts';
import { readEvents } from '../../domain/stream-event.ts';
import { defineCommand, many } from '../command.ts';
import { summaryLine } from '../dispatch-view.ts';
import { eventView } from '../log-view.ts';
import { paint } from '../paint.ts';
import { selectRuns } from '../run-selection.ts';

/** Shows what happens in a run: rendered for people, or the stream as claude wrote it. */
export const logs = defineCommand({
  name: 'logs',
  summary: 'Show what a dispatch did',
  description: '  wt logs 6 --follow\n  wt logs dispatch-20260220-001 --raw | jq -c .type',
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
      for await (const text of await hub.supervisors.raw(id, options)) await narrator.write(text);
      return many([]);
    }
    const prompt = await terminal.readFile(`${hub.runs.folder(id)}/prompt.md`).catch((error) => {
      if (isFailure(error)) return ''; // an old run may have lost it
      throw error;
    });
    if (prompt !== '') await narrator.write(`${paint(oneLine(prompt, 200), 'bold', narrator.color)}\n`);
    for await (const news of await hub.supervisors.follow(id, { lines: true, ...options })) {
      if (news.kind === 'line') {
        for (const event of readEvents(news.line)) await narrator.write(eventView(event, narrator.color));
      }
      if (news.kind === 'record' && (news.record.phase === 'ended' || !follow)) {
        await narrator.write(`${summaryLine(news.record.dispatch, narrator.color)}\n`);
      }
    }
    return many([]);
  },
  view: () => '',
});
