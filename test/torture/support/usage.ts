import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What a process takes now, in megabytes; `undefined` when it is gone. `peak` is the most it ever took. */
export type Usage = { readonly resident: number; readonly peak: number; readonly cpuTicks: number };

/** Reads /proc/<pid>/status and stat (proc(5)); Linux only. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    const resident = megabytes('VmRSS');
    if (Number.isNaN(resident)) return undefined; // a zombie has none
    return { resident, peak: megabytes('VmHWM'), cpuTicks: Number(user) + Number(system) };
  } catch {
    return undefined;
  }
}

/** What a process takes once it has nothing to do: in a second it uses less than a fifth of a processor. */
export async function usageAtRest(pid: number): Promise<Usage> {
  for (;;) {
    const before = usageOf(pid);
    await pause(1_000);
    const after = usageOf(pid);
    if (before === undefined || after === undefined) throw new Error(`process ${pid} is gone`);
    if (after.cpuTicks - before.cpuTicks < 20) return after;
  }
}

/** The most that a process took, watched until it ends. */
export async function peakOf(pid: number): Promise<number> {
  let peak = 0;
  for (let usage = usageOf(pid); usage !== undefined; usage = usageOf(pid)) {
    peak = Math.max(peak, usage.peak);
    await pause(10);
  }
  return peak;
}
