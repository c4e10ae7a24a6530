import * as z from 'zod';
import { defineCommand, one } from '../command.ts';
import { beats, setTheStage } from '../demo.ts';

/** Shows in a temporary repository what wt is for: five beats, each against plain git. */
export const demo = defineCommand({
  name: 'demo',
  summary: 'Show what wt does, in a temporary repository',
  description:
    'Five beats in well under 90 seconds. A small scripted agent that ships with wt plays claude, so that it needs\n' +
    'no account and costs nothing; --claude uses the real one, which does cost.',
  args: [],
  options: [
    { flags: '--claude', summary: 'with the real claude' },
    { flags: '--keep', summary: 'leave the folder, to look around in' },
  ],
  input: z.object({ claude: z.boolean().default(false), keep: z.boolean().default(false) }),
  answer: undefined,
  async run(ports, { claude, keep }) {
    const { narrator } = ports;
    const stage = await ports.demo({ claude });
    const say = (text: string) => narrator.write(`${text}\n`);
    try {
      await setTheStage(stage);
      await say(
        claude
          ? `A repository in ${stage.folder}, and your claude.`
          : `A repository in ${stage.folder}. The agents are a small scripted one that ships with wt, not claude (--claude).`,
      );
      for (const [index, beat] of beats.entries()) {
        await say(`\n${index + 1}. ${beat.title}\n`);
        await beat.play({ stage, say, ask: (work) => (claude ? work.claude : work.scripted) });
        await say(`\n  plain git: ${beat.plainGit}`);
      }
      return one({ folder: stage.folder, keep });
    } finally {
      await stage.close(keep);
    }
  },
  view: ([result]) => (result?.keep === true ? `\nThe repository stays in ${result.folder}` : ''),
});
