/** Repeats a piece of work. The shortest round counts, because other work of the machine only adds time. */
import { measureCpu } from './cpu.ts';

/** The milliseconds of a round, and the CPU seconds of each process meanwhile. */
export type Round = { ms: number; cpu: Record<string, number> };

/** Finds the shortest of some rounds. What `prepare` does before each is not measured. */
export async function shortestRound(options: {
  rounds: number;
  pids: Record<string, number>;
  prepare?: () => Promise<void>;
  work: () => Promise<void> | void;
}): Promise<Round> {
  const all: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    await options.prepare?.();
    const { result: ms, cpu } = await measureCpu(options.pids, async () => {
      const began = performance.now();
      await options.work();
      return performance.now() - began;
    });
    all.push({ ms, cpu });
  }
  return all.reduce((best, each) => (each.ms < best.ms ? each : best));
}
