import type { StepProgress } from './run-plan.ts';

/** Tells the steps under way as one line, or that there are none. */
export function liveSteps(name: string, show: (line: string | undefined) => void) {
  const running = new Set<string>();
  return (progress: StepProgress): void => {
    if (progress.status === 'running') running.add(progress.name);
    else running.delete(progress.name);
    show(running.size === 0 ? undefined : `${name}: ${[...running].join(', ')} …`);
  };
}
