/** The result of one benchmark. */

/** `unit` is written in full, such as `events/s`; `ratios` are to references measured in the same run. */
export type BenchResult = {
  name: string;
  figures: Record<string, { value: number; unit: string }>;
  ratios: Record<string, number>;
};
