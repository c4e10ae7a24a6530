import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { registry } from '../../src/cli/registry.ts';
import { ErrorDocument, Timestamp } from '../../src/domain/answers/common.ts';
import { type Ran, wt } from '../support/bin.ts';
import { type DispatchScene, dispatchScene, scriptAsClaude } from '../support/dispatches.ts';

type Expected = {
  readonly code: number;
  readonly shape: 'object' | 'array';
  /** The codes of the elements' errors; `null` where there is none. */
  readonly errors?: readonly (string | null)[];
};

const seen = new Set<string>();

/** What every answer is: one document of the command's own schema, in the conventions that all share. */
async function expectAnswer(name: string, ran: Ran, expected: Expected): Promise<unknown[]> {
  const what = `${name}: ${ran.stdout}${ran.stderr}`;
  expect([ran.code, what]).toEqual([expected.code, what]);
  expect(ran.stdout.endsWith('\n')).toBe(true);
  const document = ran.json();
  expect(Array.isArray(document)).toBe(expected.shape === 'array');
  const schema = (await (await registry[name]?.load())?.answer?.()) as z.ZodType;
  const items = Array.isArray(document) ? document : [document];
  for (const item of items) {
    expect([name, schema.parse(item)]).toEqual([name, item]);
    if (name !== 'schema' && name !== 'env') expectConventions(item, []);
  }
  if (expected.errors !== undefined)
    expect(items.map(({ error }) => (error === null ? null : error.code))).toEqual(expected.errors);
  seen.add(name);
  return items;
}

/** snake_case keys, times in UTC with milliseconds, whole milliseconds, absolute paths that exist as they are. */
function expectConventions(value: unknown, trail: readonly string[]): void {
  if (Array.isArray(value)) for (const item of value) expectConventions(item, trail);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
      if (key === 'details') continue;
      if (key.endsWith('_at') && child !== null) Timestamp.parse(child);
      if (key.endsWith('_ms') && child !== null) z.int().parse(child);
      if (/^(worktree_path|log_path)$/.test(key) && child !== null) expect(child).toMatch(/^\//);
      if (key.endsWith('sha') && child !== null) expect(child).toMatch(/^[0-9a-f]{40}$/);
      expectConventions(child, [...trail, key]);
    }
  }
}

/** A command that began nothing: the error document and its exit code. */
function expectRefusal(name: string, ran: Ran, code: number, error: string): void {
  expect([name, ran.code, ErrorDocument.parse(ran.json())]).toMatchObject([
    name,
    code,
    { error: { code: error } },
  ]);
  expect(ErrorDocument.parse(ran.json())).toEqual(ran.json());
  expect(ran.stdout.match(/\n/g)).toHaveLength(1);
}

/** The same answer as lines. */
async function expectLines(name: string, scene: DispatchScene, args: readonly string[], count: number) {
  const ran = await scene.wt([...args, '--ndjson']);
  const lines = ran.stdout.split('\n');
  expect(lines.pop()).toBe('');
  const schema = (await (await registry[name]?.load())?.answer?.()) as z.ZodType;
  expect(lines.map((line) => schema.parse(JSON.parse(line)))).toEqual(lines.map((line) => JSON.parse(line)));
  expect([name, lines.length]).toEqual([name, count]);
}

it('every command answers by its schema: success, a failing element, a refusal, lines', async () => {
  const scene = dispatchScene(['hand']);
  const { repo, at } = scene;
  const json = (...args: string[]) => scene.wt(['--json', ...args]);
  const answer = async (args: string[], expected: Expected) =>
    expectAnswer(args[0] ?? '', await json(...args), expected);
  const refused = async (args: string[], code: number, error: string) =>
    expectRefusal(args[0] ?? '', await json(...args), code, error);
  const object = { code: 0, shape: 'object' } as const;
  const array = { code: 0, shape: 'array' } as const;

  // a repository in which something can be found, made and provisioned
  repo.commit('ignore', { '.gitignore': '.env\n', '.worktreeinclude': '.env\n' });
  writeFileSync(join(repo.path, '.env'), 'A=1\n');

  await answer(['create', 'PROJ-006-multi-instance'], { ...object, errors: [null] });
  await answer(['create', 'one', 'two', 'three', 'hand'], {
    code: 4,
    shape: 'array',
    errors: [null, null, null, 'worktree_exists'],
  });
  await refused(['create', 'one'], 4, 'worktree_exists');
  await refused(['create', 'one', 'PROJ-6-x'], 2, 'invalid_project_id');

  const o = ['--file', 'o.yaml'];
  await Promise.all([
    answer(['provision', '6'], object),
    answer(['orchestration', 'init', 'w-1', '--project', 'PROJ-006-multi-instance', ...o], object),
    answer(['orchestration', 'validate', '--file', '.worktreeinclude'], { ...object, errors: [null] }),
    refused(['orchestration', 'show'], 5, 'file_not_found'),
  ]);
  await Promise.all([
    answer(['orchestration', 'set', 'agent-a-001', 'IN_PROGRESS', ...o], object),
    answer(['orchestration', 'show', ...o], object),
  ]);
  rmSync(join(repo.path, 'o.yaml'));
  await answer(['provision', 'one', 'two', '--check'], array);
  await refused(['provision', 'nope'], 5, 'worktree_not_found');

  await Promise.all([
    answer(['config'], object),
    answer(['init', '--merge-drivers', '-n'], object),
    refused(['init'], 2, 'usage'),
    answer(['merge-file', 'README.md', 'README.md', 'README.md'], object),
    refused(['merge-file', 'README.md', 'nope', 'README.md'], 5, 'file_not_found'),
    refused(['config', 'no.such.key'], 2, 'usage'),
    answer(['schema'], object),
    answer(['schema', 'status'], object),
    refused(['schema', 'nope'], 2, 'usage'),
    answer(['env', '6'], object),
    refused(['env', 'nope'], 5, 'worktree_not_found'),
    answer(['path', '6'], object),
    refused(['path', 'nope'], 5, 'worktree_not_found'),
    answer(['exec', 'one', '--', 'sh', '-c', 'echo out; exit 3'], { code: 1, shape: 'object' }),
    answer(['exec', '-a', '--', 'true'], array),
    refused(['exec', 'one'], 2, 'usage'),
  ]);

  // work, one without any, a failed one, a running one
  const work = ['@write shared.txt one', '@commit one'].join('\n');
  await answer(['dispatch', 'one', '-p', work], { ...object, errors: [null] });
  await answer(['dispatch', 'two', '-p', work.replace('txt one', 'txt two')], object);
  await answer(['dispatch', 'three', 'hand', '-p', '@say nothing to do'], {
    code: 1,
    shape: 'array',
    errors: [null, null],
  });
  await answer(['dispatch', 'three', '-p', '@run sleep 60', '--timeout', '1'], {
    code: 124,
    shape: 'object',
    errors: ['timeout'],
  });
  await refused(['dispatch', 'nope', '-p', 'x'], 5, 'worktree_not_found');
  await refused(['dispatch', 'one'], 2, 'prompt_required');
  const [running] = (await answer(['dispatch', '6', '--async', '-p', '@hang'], object)) as {
    dispatch_id: string;
  }[];
  await answer(['dispatch', '6', 'hand', '-p', '@write h.txt x'], {
    code: 4,
    shape: 'array',
    errors: ['dispatch_running', null],
  });
  await refused(['dispatch', '6', '-p', 'x'], 4, 'dispatch_running');

  await Promise.all([
    answer(['wait', '6', '--timeout', '1'], { code: 124, shape: 'object', errors: ['timeout'] }),
    answer(['wait', 'one', 'three'], { code: 1, shape: 'array' }),
    refused(['wait', 'nope'], 5, 'worktree_not_found'),
    answer(['status'], array),
    answer(['status', '6'], array),
    refused(['status', 'nope'], 5, 'worktree_not_found'),
    answer(['list'], array),
    refused(['list', 'x'], 2, 'usage'),
    expectLines('status', scene, ['status'], 6),
    expectLines('list', scene, ['list'], 6),
  ]);
  await refused(['start', '6', '--prompt-file', 'nope'], 5, 'file_not_found');
  await refused(['start', 'PROJ-006-multi-instance', '-p', 'x'], 4, 'dispatch_running');
  await answer(['start', 'three', 'PROJ-006-multi-instance', '-p', '@hang', '--no-provision'], {
    code: 4,
    shape: 'array',
    errors: [null, 'dispatch_running'],
  });
  await answer(['cancel', 'three', '--grace', '0'], object);
  await answer(['cancel', running?.dispatch_id ?? '', '--grace', '0'], object);
  await Promise.all([
    answer(['cancel', '-a'], array),
    refused(['cancel'], 2, 'usage'),
    answer(['runs'], array),
    refused(['runs', 'x'], 2, 'usage'),
    expectLines('runs', scene, ['runs'], 8),
    answer(['wait'], array),
    answer(['diff', 'one'], object),
    refused(['diff', 'nope'], 5, 'worktree_not_found'),
    answer(['restore', '--list', 'hand'], array),
    answer(['restore', 'hand', '-n'], { ...object, errors: [null] }),
    refused(['restore'], 2, 'usage'),
    refused(['restore', 'three'], 5, 'dispatch_not_found'),
  ]);
  await answer(['merge', 'one', 'two', 'hand', '-n'], {
    code: 3,
    shape: 'array',
    errors: [null, null, null],
  });
  await answer(['merge', 'one'], { ...object, errors: [null] });
  await answer(['merge', 'two', 'three', 'hand'], {
    code: 4,
    shape: 'array',
    errors: [null, null, 'dirty_worktree'],
  });
  await answer(['merge', 'two'], { code: 3, shape: 'object', errors: [null] });
  await answer(['merge', '-a'], { code: 3, shape: 'array' });
  await refused(['merge', 'hand'], 4, 'dirty_worktree');
  await refused(['merge', 'nope'], 5, 'worktree_not_found');
  await expectLines('merge', scene, ['merge', 'one'], 1);

  await answer(['land', 'two', '-n'], { code: 3, shape: 'object', errors: [null] });
  await answer(['sync', 'one'], object);
  await refused(['sync', 'nope'], 5, 'worktree_not_found');
  await answer(['conflicts', '--heads-only'], { code: 3, shape: 'object' });
  await refused(['conflicts', '--against', 'nope'], 5, 'base_not_found');

  await answer(['cleanup', 'one', '-n'], object);
  await answer(['cleanup', 'one', 'hand'], { code: 4, shape: 'array', errors: [null, 'dirty_worktree'] });
  await answer(['cleanup', '--merged', '-n'], array);
  await refused(['cleanup', 'two'], 4, 'unmerged_commits');
  await answer(['undo', '--list'], array);
  await answer(['events'], array);
  await refused(['events', '--since', 'x'], 2, 'usage');
  await answer(['trash'], array);
  await refused(['trash', 'empty'], 4, 'not_confirmed');
  await answer(['trash', 'empty', '-n'], array);
  await refused(['trash', 'restore', 'nope'], 5, 'nothing_to_undo');
  await answer(['tracker', '--file', 'README.md'], object);
  await refused(['tracker', 'set', 'A', 'COMPLETE', '--file', 'README.md'], 5, 'address_not_found');
  await answer(['doctor'], object);
  await answer(['undo'], object); // the cleanup
  await answer(['undo'], object); // the landing
  await refused(['undo'], 5, 'nothing_to_undo');

  expect(repo.gitIn(at('one'), 'status', '--porcelain')).toBe('');
  for (const [name, { load }] of Object.entries(registry)) {
    const { answer: schema } = await load();
    if (schema !== undefined) {
      if (name !== 'demo') expect([...seen]).toContain(name);
      continue;
    }
    expectRefusal(name, await json(name), 2, 'usage');
  }
}, 240_000);

it('the first exit code that applies is that of the whole', async () => {
  const scene = dispatchScene(['a', 'b', 'c']);
  for (const branch of ['a', 'b']) scene.repo.commit(branch, { 'x.txt': `${branch}\n` }, scene.at(branch));
  rmSync(scene.at('c'), { recursive: true });
  const merged = await scene.wt(['merge', 'a', 'b', '--json']);
  expect(merged.code).toBe(3);
  scriptAsClaude(scene, 'exit 9');
  const both = await scene.wt(['dispatch', 'a', 'c', '-p', 'x', '--json']);
  expect([both.code, both.json()]).toMatchObject([
    1,
    [{ error: { code: 'claude_failed' } }, { error: { code: 'not_this_worktree' } }],
  ]);
  mkdirSync(join(scene.repo.path, 'deep'));
  const fromBelow = await wt(join(realpathSync(scene.repo.path), 'deep'), scene.env, ['path', '^', '--json']);
  expect(fromBelow.json()).toEqual({ path: scene.repo.path });
});
