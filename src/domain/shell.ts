/** A word quoted for a POSIX shell. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** `export` lines for a POSIX shell; a variable that is to be removed becomes `unset`. */
export const exportLines = (variables: Readonly<Record<string, string | null>>): string =>
  Object.entries(variables)
    .map(([name, value]) => (value === null ? `unset ${name}` : `export ${name}=${quote(value)}`))
    .join('\n');

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * The text that a shell profile evaluates: `wt cd`, and the change of directory that wt asks for by writing a path to
 * the file named in WT_CD_FILE (`wt cleanup` from inside goes to the main worktree). WT_CD_SHELL says which process
 * will go there: nothing that the shell starts can take its place.
 */
export const shellFunction = (shell: Shell): string => (shell === 'fish' ? fish : posix);

// `$(…)` drops newlines at the end, which a path may have: a letter after them keeps them.
const posix = `wt() {
  local wt_file wt_code wt_dir
  if [ "\${1-}" = cd ]; then
    shift
    if [ "$#" -gt 1 ]; then
      command printf 'usage: wt cd [<worktree>]\\n' >&2
      return 2
    fi
    wt_dir="$(command wt path -- "\${1:-^}" && command printf x)" || return
    builtin cd -- "\${wt_dir%?x}"
    return
  fi
  wt_file="$(command mktemp "\${TMPDIR:-/tmp}/wt-cd.XXXXXX")" || { command wt "$@"; return; }
  WT_CD_FILE="$wt_file" WT_CD_SHELL="$$" command wt "$@"
  wt_code=$?
  if [ -s "$wt_file" ]; then
    wt_dir="$(command cat -- "$wt_file" && command printf x)"
    builtin cd -- "\${wt_dir%x}" || wt_code=$?
  fi
  command rm -f -- "$wt_file"
  return "$wt_code"
}`;

const fish = `function wt --description 'git worktrees with an agent in each'
    if test "$argv[1]" = cd
        if test (count $argv) -gt 2
            echo 'usage: wt cd [<worktree>]' >&2
            return 2
        end
        set -l wt_selector ^
        test (count $argv) -gt 1; and set wt_selector $argv[2]
        set -l wt_dir (command wt path -- $wt_selector | string collect)
        or return
        builtin cd -- $wt_dir
        return
    end
    set -l wt_file (command mktemp)
    or begin
        command wt $argv
        return
    end
    WT_CD_FILE=$wt_file WT_CD_SHELL=$fish_pid command wt $argv
    set -l wt_code $status
    if test -s $wt_file
        builtin cd -- (command cat -- $wt_file | string collect)
    end
    command rm -f -- $wt_file
    return $wt_code
end`;
