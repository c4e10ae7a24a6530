/** One value of git's configuration; the key with its section in lower case, as `git config` prints it. */
export type GitSetting = { readonly key: string; readonly value: string };

const nowhere = 'url.wt-push-denied://';

/**
 * Settings that send every push to a transport that does not exist, whatever command line it is written on: the
 * tool rule `Bash(git push:*)` stops only the plain form. Fetching still works. A guard against accidents: it
 * does not stop `send-pack`, nor somebody who undoes it.
 *
 * The empty prefix matches every URL, but git takes the longest match, so that a `pushInsteadOf` of the user
 * wins unless the whole URL is named as well; and git applies to an explicit `pushurl` only `insteadOf`.
 */
export function pushGuard(settings: readonly GitSetting[]): GitSetting[] {
  const of = (variable: string) => settings.filter(({ key }) => key.endsWith(`.${variable}`));
  const fetched = of('url').map(({ value }) => value);
  const pushed = of('pushurl');
  const named = of('pushinsteadof').length > 0 ? fetched : [];
  return [
    { key: `${nowhere}.pushInsteadOf`, value: '' },
    ...named.map((value) => ({ key: `${nowhere}.pushInsteadOf`, value })),
    ...pushed
      .filter(({ value }) => !fetched.some((url) => url.startsWith(value)))
      .map(({ value }) => ({ key: `${nowhere}.insteadOf`, value })),
    // Where fetching uses the same URL: over ssh and on a local path this program runs at the other end.
    ...pushed.map(({ key }) => ({ key: key.replace(/pushurl$/, 'receivepack'), value: 'wt-push-denied' })),
  ];
}
