/**
 * What other programs take of this computer. A promise in time is for a quiet one: a test that judges it takes out what a
 * busy one adds, and goes on judging the whole promise where nothing else runs.
 */
/** long enough for the others to have had their turns */
const spinMsUsual = 100;

/** Wall time per time of this thread's own while it works, now: 1 on a quiet computer, 8 where eight want the same core. */
export function slowdown(spinMs = spinMsUsual): number {
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const [fromMs, fromCpuMs] = [performance.now(), cpuMs()];
  while (cpuMs() - fromCpuMs < spinMs);
  return Math.max(1, (performance.now() - fromMs) / (cpuMs() - fromCpuMs));
}
