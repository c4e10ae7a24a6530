/** One sleeper at a time, and nothing that grows with the times it was woken: a run may take days. */
export function openSleep() {
  let isWoken = false;
  let rouse: (() => void) | undefined;
  return {
    wake: () => {
      isWoken = true;
      rouse?.();
    },
    idle: async (ms: number) => {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          rouse = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rouse = undefined;
      isWoken = false;
    },
  };
}
