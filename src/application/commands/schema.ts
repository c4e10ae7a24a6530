import * as z from 'zod';
import { ErrorDocument } from '../../domain/answers/common.ts';
import { Config } from '../../domain/config.ts';
import { failures } from '../../domain/failure.ts';
import { nearest } from '../../domain/near.ts';
import { defineCommand, one } from '../command.ts';

/** Publishes the JSON Schema of every answer, of the error document and of the configuration file. */
export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of the answers',
  description:
    'Of one command, of all of them when none is named; `error` is the error document, `config-file` the\n' +
    'configuration as its files write it. A command that answers with an array has elements of this schema.',
  args: [{ name: 'command', summary: 'a command, error or config-file' }],
  options: [],
  input: z.object({ command: z.string().optional() }),
  answer: async () => z.record(z.string(), z.unknown()),
  async run(ports, { command }) {
    const commands = await ports.commands();
    const schemas: Record<string, () => Promise<Record<string, unknown>>> = {
      error: async () => z.toJSONSchema(ErrorDocument),
      'config-file': async () => z.toJSONSchema(Config, { io: 'input', unrepresentable: 'any' }),
    };
    for (const { name, answer } of commands) {
      if (answer !== undefined)
        schemas[name] = async () => z.toJSONSchema(await answer(), { unrepresentable: 'any' });
    }
    if (command === undefined) {
      const made = Object.entries(schemas).map(async ([name, make]) => [name, await make()] as const);
      return one(Object.fromEntries(await Promise.all(made)));
    }
    const make = Object.hasOwn(schemas, command) ? schemas[command] : undefined;
    if (make === undefined) {
      const near = nearest(command, Object.keys(schemas));
      throw failures.usage(`'${command}' has no schema`, `wt schema ${near[0] ?? 'status'}`);
    }
    return one({ ...(await make()), title: command });
  },
  view: ([document]) => JSON.stringify(document, null, 2),
});
