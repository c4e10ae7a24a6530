import type { Narrator } from './ports.ts';

/** Several live lines at the bottom of the terminal, each replaced under its own name, and one below them. */
export type LiveLines = {
  readonly set: (name: string, line: string) => void;
  readonly clear: (name: string) => void;
  /** The line below all others; `undefined` takes it away. */
  readonly below: (line: string | undefined) => void;
};

export function openLiveLines({ live }: Pick<Narrator, 'live'>): LiveLines {
  const lines = new Map<string, string>();
  let last: string | undefined;
  const draw = () => live([...lines.values(), ...(last === undefined ? [] : [last])]);
  return {
    set: (name, line) => {
      if (lines.get(name) === line) return;
      lines.set(name, line);
      draw();
    },
    clear: (name) => {
      if (lines.delete(name)) draw();
    },
    below: (line) => {
      if (line === last) return;
      last = line;
      draw();
    },
  };
}
