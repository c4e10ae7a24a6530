import * as z from 'zod';
import { findKey } from '../../domain/config-layers.ts';
import { renderConfig, reportConfig } from '../../domain/config-report.ts';
import { defineCommand, one } from '../command.ts';

/** Shows what is configured and who set it; files are edited by hand. */
export const config = defineCommand({
  name: 'config',
  summary: 'Show every setting with its value and origin',
  description: [
    'Later wins: the defaults, .wt.yaml in the repository, config.yaml in ~/.config/wt, WT_* variables, flags.',
    'Commands in .wt.yaml are shown and not run: they come with the repository.',
    '',
    '  wt config',
    '  wt config dispatch.timeout',
  ].join('\n'),
  args: [{ name: 'key', summary: 'one setting, such as dispatch.timeout; all when left out' }],
  options: [],
  input: z.object({ key: z.string().optional() }),
  answer: async () => (await import('../../domain/answers/config.ts')).ConfigAnswer,
  async run(ports, { key }) {
    const keys = key === undefined ? undefined : [findKey(key)];
    return one(reportConfig(await ports.config(), keys));
  },
  view: ([answer], { home }) => (answer === undefined ? '' : renderConfig(answer, home)),
});
