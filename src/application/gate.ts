/** Lets at most `width` of those that work at once through; `enter` waits in order and gives the way out. */
export function openGate(width: number): { readonly enter: () => Promise<() => void> } {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  };
  return {
    enter: async () => {
      if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
      else inside += 1;
      let left = false;
      return () => {
        if (!left) leave();
        left = true;
      };
    },
  };
}
