import type { Upstream } from '../../application/ports/landing.ts';
import type { Ask } from './ask.ts';

const format = [
  '%(refname)',
  '%(upstream:short)',
  '%(upstream:remotename)',
  '%(upstream:remoteref)',
  '%(upstream:track,nobracket)',
].join('%00');

/** The branch of a remote that a local branch follows; one that follows another local branch has none. */
export const readUpstream = (ask: Ask, branch: string): Promise<Upstream | undefined> =>
  ask({
    args: ['for-each-ref', `--format=${format}`, `refs/heads/${branch}`],
    access: 'write', // asked after a landing, also when it was stopped
    parse: ({ stdout }) => {
      const rows = stdout.toString('utf8').split('\n');
      const row = rows.map((text) => text.split('\0')).find(([ref]) => ref === `refs/heads/${branch}`);
      const [, short = '', remote = '', ref = '', track = ''] = row ?? [];
      if (remote === '' || remote === '.' || ref === '') return undefined;
      const name = ref.replace(/^refs\/heads\//, '');
      const ahead =
        short === '' || track === 'gone' ? undefined : Number(/ahead (\d+)/.exec(track)?.[1] ?? 0);
      return { remote, branch: name, name: short === '' ? `${remote}/${name}` : short, ahead };
    },
  });
