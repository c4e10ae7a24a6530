/** A setting of git. */
export type Setting = { readonly key: string; readonly value: string };

/** A remote that everything below refs/ is pushed to, or fetched over: what wt keeps there too. */
export type Mirror = { readonly remote: string; readonly what: string; readonly fix: string };

const allRefs = /^\+?refs\/\*:refs\/\*$/;

/** The remotes whose settings take refs/wt/* along. */
export function mirrorsIn(settings: readonly Setting[], quote: (word: string) => string): Mirror[] {
  const prunes = (remote: string) =>
    settings.some(
      ({ key, value }) =>
        (key === 'fetch.prune' || key === `remote.${remote}.prune`) &&
        !['false', 'no', 'off', '0'].includes(value),
    );
  return settings.flatMap(({ key, value }): Mirror[] => {
    const [, remote, name] = /^remote\.(.+)\.(mirror|push|fetch)$/.exec(key) ?? [];
    if (remote === undefined) return [];
    if (name === 'mirror' && !['false', 'no', 'off', '0', ''].includes(value))
      return [
        {
          remote,
          what: `git push ${remote} would push refs/wt/* too (it is a mirror)`,
          fix: `git config --unset-all ${quote(key)}`,
        },
      ];
    if (name === 'push' && allRefs.test(value))
      return [
        {
          remote,
          what: `git push ${remote} would push refs/wt/* too (${value})`,
          fix: `git config ${quote(key)} 'refs/heads/*:refs/heads/*'`,
        },
      ];
    if (name === 'fetch' && allRefs.test(value) && prunes(remote))
      return [
        {
          remote,
          what: `git fetch ${remote} deletes refs/wt/*, the trash's and the attic's, and branches that only you have`,
          fix: `git config --replace-all ${quote(key)} '+refs/heads/*:refs/remotes/${remote}/*'`,
        },
      ];
    return [];
  });
}
