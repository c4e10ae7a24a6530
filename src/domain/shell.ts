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
 * The text that a shell profile evaluates: `wt cd`, and the change of directory that a command asks for by
 * writing a path to the file named in WT_CD_FILE (`wt cleanup` from inside goes to the main worktree).
 */
export const shellFunction = (shell: Shell): string => (shell === 'fish' ? fish : posix);

const posix = `wt() {
  if [ "\${1-}" = cd ]; then
    shift
    local wt_dir
    wt_dir="$(command wt path "\${1:-^}")" && builtin cd -- "$wt_dir"
    return
  fi
  local wt_file wt_code
  wt_file="$(command mktemp "\${TMPDIR:-/tmp}/wt-cd.XXXXXX")" || { command wt "$@"; return; }
  WT_CD_FILE="$wt_file" command wt "$@"
  wt_code=$?
  if [ -s "$wt_file" ]; then builtin cd -- "$(command cat -- "$wt_file")"; fi
  command rm -f -- "$wt_file"
  return "$wt_code"
}`;

const fish = `function wt
    if test "$argv[1]" = cd
        set -l wt_selector ^
        test (count $argv) -gt 1; and set wt_selector $argv[2]
        set -l wt_dir (command wt path $wt_selector); and builtin cd -- $wt_dir
        return
    end
    set -l wt_file (command mktemp)
    WT_CD_FILE=$wt_file command wt $argv
    set -l wt_code $status
    test -s $wt_file; and builtin cd -- (command cat -- $wt_file)
    command rm -f -- $wt_file
    return $wt_code
end`;
