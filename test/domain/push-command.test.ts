import { describe, expect, it } from 'vitest';
import { isPush, simpleCommands } from '../../src/domain/push-command.ts';

describe('a command line that pushes', () => {
  it.each([
    'git push',
    'git push origin main',
    'git -C . push',
    'git -C "/a b" --no-pager -c push.default=current push origin HEAD',
    'git --git-dir=/x --work-tree /y push',
    '/usr/bin/git push',
    '"git" push',
    "gi't' push",
    'git \\\n  push',
    'git add -A && git commit -m x && git push',
    'true; git push',
    'sleep 1 & git push',
    'git status | cat || git push',
    '(cd sub && git push)',
    '{ git push; }',
    'if git diff --quiet; then git push; fi',
    '! git push',
    'GIT_SSH_COMMAND=ssh git push',
    'env A=b git push',
    'timeout 60 git push',
    'sudo -n git push',
    'out=$(git push 2>&1)',
    '`git push`',
    'git push 2>&1 | tail -3',
    'git push >/dev/null 2>&1',
    'echo done 2>&1; git push',
    'bash -c "git push"',
    "sh -ec 'cd x && git push'",
    'bash -lc "sh -c \'git push\'"',
    'eval "git push"',
    'git send-pack ../remote.git main',
    'git http-push https://host/x main',
    '/usr/lib/git-core/git-push origin',
    'cat <<EOF > f\ntext\nEOF\ngit push',
    'cat <<-"E F"\n\ttext\n\tE F\ngit push',
    'cat <<<text; git push',
    '# a comment\ngit push',
  ])('is found: %s', (command) => {
    expect(isPush(command)).toBe(true);
  });

  it.each([
    'git stash push',
    'git stash push -m "before git push"',
    'git log --grep push',
    'git log --grep "git push"',
    'git commit -m "git push; git push"',
    "git commit -m 'add: git push && more'",
    'git commit -m add\\;\\ git\\ push',
    'echo push',
    'echo git push',
    'echo "git push"',
    'printf "%s\\n" "git push"',
    'grep -rn "git push" .',
    'git config push.default current',
    'git -c push.default=x status',
    'git -C push status',
    'git branch push',
    'git checkout push',
    'git help push',
    'git submodule foreach echo push',
    'npm run push',
    './push.sh',
    'cat <<EOF > deploy.sh\ngit push\nEOF',
    "cat > deploy.sh <<'EOF'\n#!/bin/sh\ngit push\nEOF\nchmod +x deploy.sh",
    'cat <<A <<B\ngit push\nA\ngit push\nB\n',
    '# git push',
    'ls # then git push',
    'ls 2>&1',
    'git fetch origin',
    '',
    '"',
    "'unclosed git push",
    'cat <<EOF\ngit push',
    'bash deploy.sh git push',
  ])('is not seen in: %s', (command) => {
    expect(isPush(command)).toBe(false);
  });

  it('is read as the words of each simple command', () => {
    expect(simpleCommands(`A=1 git -m "it's \\"so\\"" 'x y'z >out 2>&1; b\\ c # no\n(d)|e`)).toEqual([
      ['A=1', 'git', '-m', `it's "so"`, 'x yz', 'out', '2', '1'],
      ['b c'],
      ['d'],
      ['e'],
    ]);
  });
});
