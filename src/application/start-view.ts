import type { StartAnswer } from '../domain/answers/start.ts';
import { quote } from '../domain/shell.ts';
import type { ViewOptions } from './command.ts';
import { createdLines } from './create-view.ts';
import { dispatchView } from './dispatch-view.ts';
import { mergeView } from './merge-view.ts';

/** The answers of `start` for people: the worktree, what runs in it or came of that, what landed. */
export function startView(answers: readonly StartAnswer[], options: ViewOptions): string {
  return (
    answers
      // What claude was opened in was told before.
      .filter(({ base_sha: made, dispatch, error }) => dispatch !== null || (made !== null && error !== null))
      .map((answer) => {
        const { dispatch, landing } = answer;
        const name = quote(answer.project_id ?? answer.branch ?? answer.worktree_path ?? '');
        const isRunning = dispatch?.status === 'running';
        return [
          ...createdLines(answer),
          ...(dispatch === null ? [] : [dispatchView([dispatch], options)]),
          ...(isRunning ? [`  next   wt logs ${name} --follow, wt wait ${name}`] : []),
          ...(landing === null ? [] : [mergeView([landing], { ...options, command: 'land' })]),
          '',
        ].join('\n');
      })
      .join('\n')
  );
}
