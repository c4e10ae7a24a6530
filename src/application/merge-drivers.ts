import { withBlock, withoutBlock } from '../domain/marked-block.ts';
import {
  driverAttributes,
  driverCommand,
  driverName,
  driverSettings,
  driverTitle,
} from '../domain/rows/driver.ts';
import type { Hub, Ports } from './ports.ts';

/** What became of the merge driver of a repository. */
export type DriverChange = {
  readonly name: string;
  /** git's command line for it; `undefined` once it is taken out. */
  readonly command: string | undefined;
  /** Globs of the files that it merges. */
  readonly files: readonly string[];
  readonly config: string;
  readonly attributes: string;
  readonly changed: boolean;
};

/** Registers the merge of rows in a repository's own git config and attributes, or takes it out again. */
export async function changeDrivers(
  { config, environment }: Pick<Ports, 'config' | 'environment'>,
  { repository, userFiles }: Pick<Hub, 'repository' | 'userFiles'>,
  { remove, dryRun }: { readonly remove: boolean; readonly dryRun: boolean },
): Promise<DriverChange> {
  const { commonDir } = repository;
  const globs = remove ? [] : (await config()).config.merge.rows;
  const command = driverCommand(environment.self);
  const settings = await userFiles.read(`${commonDir}/config`);
  const attributes = await userFiles.read(`${commonDir}/info/attributes`);
  const texts = remove
    ? {
        settings: withoutBlock(settings.text, driverTitle),
        attributes: withoutBlock(attributes.text, driverTitle),
      }
    : {
        settings: withBlock(settings.text, driverSettings(command)),
        attributes: withBlock(attributes.text, driverAttributes(globs)),
      };
  const isNew = {
    settings: texts.settings !== settings.text,
    attributes: texts.attributes !== attributes.text,
  };
  const writeSettings = async () => {
    if (isNew.settings) await userFiles.replaceLocked(settings, texts.settings);
  };
  if (!dryRun) {
    // A driver that attributes name is there before them and goes after them.
    if (!remove) await writeSettings();
    if (isNew.attributes) await userFiles.replace(attributes, texts.attributes);
    if (remove) await writeSettings();
  }
  return {
    name: driverName,
    command: remove ? undefined : command,
    files: globs,
    config: settings.path,
    attributes: attributes.path,
    changed: isNew.settings || isNew.attributes,
  };
}
