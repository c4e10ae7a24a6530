import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { quote } from '../../domain/shell.ts';
import type { Ports } from '../ports.ts';
import { attempt, check } from './examination.ts';

/** Checks that need no repository: the programs that wt starts, and its configuration. */
export async function examineTools(ports: Ports): Promise<readonly DoctorCheck[]> {
  const groups = await Promise.all([
    attempt('git', () => examineGit(ports)),
    attempt('node', () => examineNode(ports)),
    attempt('claude', () => examineClaude(ports)),
    attempt('config', () => examineConfig(ports)),
  ]);
  return groups.flat();
}

const versionOf = async (
  { terminal, environment }: Ports,
  program: string,
  word: string,
): Promise<string> => {
  const { stdout } = await terminal.capture([program, word], { cwd: '/', env: environment.variables });
  return stdout.trim();
};

const isOlder = (version: string, major: number, minor: number): boolean => {
  const [, first = '0', second = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(first) < major || (Number(first) === major && Number(second) < minor);
};

async function examineGit(ports: Ports): Promise<readonly DoctorCheck[]> {
  if ((await ports.terminal.which('git')) === undefined)
    return [check('git', 'problem', 'git was not found on the PATH', 'install git 2.39 or newer')];
  const version = await versionOf(ports, 'git', 'version');
  return isOlder(version, 2, 39)
    ? [check('git', 'problem', `${version} is too old`, 'install git 2.39 or newer')]
    : [check('git', 'ok', version)];
}

async function examineNode(ports: Ports): Promise<readonly DoctorCheck[]> {
  if ((await ports.terminal.which('node')) === undefined)
    return [
      check('node', 'warning', 'node is not on the PATH: hooks and scripts of wt may not find it', undefined),
    ];
  const version = await versionOf(ports, 'node', '--version');
  return isOlder(version, 20, 19)
    ? [check('node', 'problem', `node ${version} is too old`, 'install Node.js 20.19 or newer')]
    : [check('node', 'ok', `node ${version}`)];
}

async function examineClaude(ports: Ports): Promise<readonly DoctorCheck[]> {
  const [program] = (await ports.config()).config.tools.claude;
  const path = await ports.terminal.which(program);
  const install = 'npm install -g @anthropic-ai/claude-code, or set tools.claude (wt config tools.claude)';
  return path === undefined
    ? [check('claude', 'warning', `claude was not found (${program}): wt dispatch needs it`, install)]
    : [check('claude', 'ok', `claude is ${path}`)];
}

async function examineConfig(ports: Ports): Promise<readonly DoctorCheck[]> {
  const { untrusted, warnings } = await ports.config();
  if (untrusted.length + warnings.length === 0) return [check('config', 'ok', 'the configuration is valid')];
  return [
    ...untrusted.map(({ key, file, line }) =>
      check(
        'config',
        'warning',
        `${key} of ${file}:${line} is not in effect: it comes with the repository`,
        `wt config ${quote(key)}`,
      ),
    ),
    ...warnings.map(({ message }) => check('config', 'warning', message)),
  ];
}
