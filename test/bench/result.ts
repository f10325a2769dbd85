/** The result of one benchmark. */

/** `unit` per second unless it says otherwise; `ratios` are to references measured in the same run. */
export type BenchResult = {
  name: string;
  figures: Record<string, { value: number; unit: string }>;
  ratios: Record<string, number>;
};
