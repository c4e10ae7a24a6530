import type { Narrator } from './ports.ts';

/** Several live lines at the bottom of the terminal, each replaced under its own name. */
export type LiveLines = {
  readonly set: (name: string, line: string) => void;
  readonly clear: (name: string) => void;
};

export function openLiveLines({ live }: Pick<Narrator, 'live'>): LiveLines {
  const lines = new Map<string, string>();
  const draw = () => live([...lines.values()]);
  return {
    set: (name, line) => {
      if (lines.get(name) === line) return;
      lines.set(name, line);
      draw();
    },
    clear: (name) => {
      if (lines.delete(name)) draw();
    },
  };
}
