import { describe, expect, it } from 'vitest';
import { ConfigAnswer } from '../../src/domain/answers/config.ts';
import { configKeys } from '../../src/domain/config-keys.ts';
import { findKey } from '../../src/domain/config-layers.ts';
import { renderConfig, reportConfig } from '../../src/domain/config-report.ts';
import { configDocument, layered } from '../support/config.ts';

describe('the report', () => {
  const loaded = layered({
    documents: [
      configDocument('repository', { dispatch: { max: 4 }, hooks: { post_create: 'npm ci\n\u001b[2J' } }),
      configDocument('user', { trash: { keep: '36h' }, tools: { editor: ['code', '--wait', 'a b'] } }),
    ],
    variables: { WT_BASE: 'develop' },
  });

  it('gives each value as a file would write it, with who set it', () => {
    const report = ConfigAnswer.parse(reportConfig(loaded));
    expect(report.values.map(({ key }) => key)).toEqual(configKeys.map(({ name }) => name));
    const values = new Map(report.values.map((entry) => [entry.key, entry]));
    expect(values.get('trash.keep')).toMatchObject({ value: '1d12h', origin: 'user', line: 2 });
    expect(values.get('base')).toMatchObject({
      value: 'develop',
      origin: 'environment',
      variable: 'WT_BASE',
      file: null,
    });
    expect(values.get('dispatch.max')).toMatchObject({
      value: 4,
      origin: 'repository',
      file: '/src/jerry/.wt.yaml',
    });
    expect(values.get('dispatch.model')).toMatchObject({
      value: null,
      origin: 'default',
      file: null,
      line: null,
    });
    expect(report.untrusted).toMatchObject([{ key: 'hooks.post_create', what: 'a command' }]);
    expect(report.warnings).toHaveLength(1);
  });

  it('gives values that a file takes back', () => {
    const report = reportConfig(loaded);
    for (const { key, value } of report.values) {
      if (value === null) continue;
      const parsed = findKey(key).schema.safeParse(value);
      expect(parsed.success, `${key}: ${JSON.stringify(value)}`).toBe(true);
    }
  });

  it('is a table for people, with places below the home directory shortened', () => {
    const lines = renderConfig(reportConfig(loaded), '/home/ada').split('\n');
    const row = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.replace(/ {2,}/g, ' | ');
    expect(row('base')).toBe('base | develop | WT_BASE');
    expect(row('trash.keep')).toBe('trash.keep | 1d12h | ~/.config/wt/config.yaml:2');
    expect(row('tools.editor')).toBe('tools.editor | code --wait "a b" | ~/.config/wt/config.yaml:2');
    expect(row('dispatch.model')).toBe('dispatch.model | - | default');
    expect(new Set(lines.slice(0, configKeys.length).map((line) => line.search(/\S+$/))).size).toBe(1);
    expect(lines.at(-1)).toBe('  hooks.post_create: npm ci\\n\\u{1b}[2J  (a command, /src/jerry/.wt.yaml:2)');
  });

  it('explains a single key', () => {
    const text = renderConfig(reportConfig(loaded, [findKey('dispatch.max')]), '/home/ada');
    expect(text.split('\n')).toEqual([
      'dispatch.max  4  /src/jerry/.wt.yaml:2',
      '',
      'Dispatches that one command runs at once.',
      'Set by a file, or by WT_DISPATCH_MAX.',
    ]);
  });
});
