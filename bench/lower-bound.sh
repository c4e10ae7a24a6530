#!/bin/sh
# What git alone takes for everything that a status says: lower-bound.sh <main checkout>
#
# Paths, branches, ahead and behind, conflicts with main and the changes of every worktree in 3 + W git processes,
# two statuses at a time; nothing but git, sh, sed, awk and xargs. The output is thrown away.
repository=$1
cd "$repository" || exit 1
scratch=$(mktemp -d "${WT_BENCH_SCRATCH:-/tmp}/bound.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
git worktree list --porcelain > "$scratch/list"
sed -n 's/^worktree //p' "$scratch/list" > "$scratch/paths"
sed -n 's,^branch refs/heads/,,p' "$scratch/list" > "$scratch/branches"

# Conflicts: all branches against main in one process that writes its objects elsewhere.
sed 's/^/main /' "$scratch/branches" |
  GIT_OBJECT_DIRECTORY=$scratch GIT_ALTERNATE_OBJECT_DIRECTORIES=$repository/.git/objects \
  git -c core.looseCompression=0 merge-tree --stdin -z --name-only --no-messages > "$scratch/merges" &

# Ahead and behind: for-each-ref compares with upstreams, so every branch is given main as its upstream.
awk '{
  n = NR - 1
  printf "export GIT_CONFIG_KEY_%d=branch.%s.remote GIT_CONFIG_VALUE_%d=.\n", 2 * n, $1, 2 * n
  printf "export GIT_CONFIG_KEY_%d=branch.%s.merge GIT_CONFIG_VALUE_%d=refs/heads/main\n", 2 * n + 1, $1, 2 * n + 1
} END { print "export GIT_CONFIG_COUNT=" 2 * NR }' "$scratch/branches" > "$scratch/upstreams"
(
  . "$scratch/upstreams"
  exec git for-each-ref \
    --format='%(refname)%00%(objectname)%00%(upstream:track,nobracket)%00%(committerdate:unix)%00%(contents:subject)' \
    refs/heads > "$scratch/refs"
) &

xargs -P2 -I{} git -c core.preloadIndex=false --no-optional-locks -C {} status --porcelain=v2 -z --branch \
  < "$scratch/paths" > "$scratch/statuses"
wait
