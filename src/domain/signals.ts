const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** The number of a signal on Linux and macOS, for the 128 + n of shells; 0 for one that is not among the usual. */
export const signalNumber = (name: string | null): number => numbers[name ?? ''] ?? 0;
