import { type Trailer, trailersOf, withTrailer } from './trailers.ts';

/** Who wrote a commit, and when: seconds of the epoch and time zone, as git has it (`1771582800 +0100`). */
export type Author = { readonly name: string; readonly email: string; readonly date: string };

/** What a squash is told of a commit. */
export type SquashedCommit = {
  readonly subject: string;
  /** What follows the subject, with the trailers. */
  readonly body: string;
  readonly author: Author;
};

export type Squash = {
  /** The oldest first. */
  readonly commits: readonly SquashedCommit[];
  readonly branch: string | undefined;
  readonly projectId: string | undefined;
  readonly dispatchId: string | undefined;
  /** What `-m` says. */
  readonly given: string | undefined;
};

/** The trailer that names the dispatch whose work a commit lands. */
export const dispatchTrailer = 'Wt-Dispatch';

const types = 'feat fix docs style refactor perf test build ci chore revert'.split(' ');
const conventional = new RegExp(`^(?:${types.join('|')})(?:\\([^()]+\\))?!?: \\S`);
const kept = ['signed-off-by', 'co-authored-by'];

/**
 * The message of a squash. What is given wins; one commit keeps its own; of several the first conventional subject,
 * else what the branch's name says, else the oldest subject, with all subjects below.
 */
export function squashMessage({ commits, branch, projectId, dispatchId, given }: Squash): string {
  const [first, ...more] = commits;
  const own = squashAuthor(commits);
  let message: string;
  let trailers: readonly Trailer[] = [];
  if (given !== undefined) message = given;
  else if (first === undefined) message = branch ?? 'squash';
  else if (more.length === 0) message = whole(first);
  else {
    message = `${titleOf(commits, branch, projectId)}\n\n${commits.map(({ subject }) => `- ${subject}`).join('\n')}`;
    trailers = commits.flatMap((commit) =>
      trailersOf(whole(commit)).filter(({ key }) => kept.includes(key.toLowerCase())),
    );
  }
  const coAuthors = others(commits, own).map(({ name, email }) => ({
    key: 'Co-authored-by',
    value: `${name} <${email}>`,
  }));
  const dispatches = dispatchId === undefined ? [] : [{ key: dispatchTrailer, value: dispatchId }];
  return withTrailers(message, [...trailers, ...coAuthors, ...dispatches], own);
}

/** Who a squash is by: who made most of its commits, of equals the earlier one; with the time of their first. */
export function squashAuthor(commits: readonly SquashedCommit[]): Author | undefined {
  const authors = commits.map(({ author }) => author);
  const count = (author: Author) => authors.filter((each) => isSame(each, author)).length;
  return authors.reduce<Author | undefined>(
    (best, author) => (best === undefined || count(author) > count(best) ? author : best),
    undefined,
  );
}

const isSame = (a: Author, b: Author) => a.email.toLowerCase() === b.email.toLowerCase();

const others = (commits: readonly SquashedCommit[], own: Author | undefined): Author[] =>
  commits
    .map(({ author }) => author)
    .filter((author, at, all) => all.findIndex((each) => isSame(each, author)) === at)
    .filter((author) => own === undefined || !isSame(author, own));

const whole = ({ subject, body }: SquashedCommit) => (body.trim() === '' ? subject : `${subject}\n\n${body}`);

/** Adds what is not there yet; nobody is a co-author of their own commit, or one twice under two spellings. */
function withTrailers(message: string, trailers: readonly Trailer[], own: Author | undefined): string {
  const emailIn = (value: string) => /<([^<>]*)>\s*$/.exec(value)?.[1]?.toLowerCase();
  const same = (a: Trailer, b: Trailer) => {
    if (a.key.toLowerCase() !== b.key.toLowerCase()) return false;
    return a.value === b.value || (emailIn(a.value) ?? a.value) === emailIn(b.value);
  };
  const isOwn = ({ key, value }: Trailer) =>
    key.toLowerCase() === 'co-authored-by' && own !== undefined && emailIn(value) === own.email.toLowerCase();
  let text = `${message.replace(/\s+$/, '')}\n`;
  const last = (key: string) => (key.toLowerCase() === dispatchTrailer.toLowerCase() ? 1 : 0);
  for (const trailer of [...trailers].sort((a, b) => last(a.key) - last(b.key))) {
    if (isOwn(trailer) || trailersOf(text).some((each) => same(each, trailer))) continue;
    text = withTrailer(text, trailer.key, trailer.value);
  }
  return text;
}

function titleOf(
  commits: readonly SquashedCommit[],
  branch: string | undefined,
  projectId: string | undefined,
): string {
  const told = commits.find(({ subject }) => conventional.test(subject));
  return told?.subject ?? titleFromBranch(branch, projectId) ?? commits[0]?.subject ?? '';
}

/** `feat(proj-006): multi instance` for a project's branch `feat/proj-006-multi-instance`. */
function titleFromBranch(branch: string | undefined, projectId: string | undefined): string | undefined {
  const [, type, slug = ''] = /^([a-z]+)\/(.+)$/.exec(branch ?? '') ?? [];
  if (type === undefined || !types.includes(type)) return undefined;
  const project = /^[a-z]+-\d+(?=-)/.exec(projectId?.toLowerCase() ?? '')?.[0];
  const isProject = project !== undefined && slug.toLowerCase().startsWith(`${project}-`);
  const words = (isProject ? slug.slice(project.length) : slug).split(/[-_/]+/).filter(Boolean);
  if (words.length === 0) return undefined;
  return `${type}${project === undefined ? '' : `(${project})`}: ${words.join(' ')}`;
}
