/** The middle value in the order of `compare`; the lower one of two, so that it is a value that occurred. */
export const lowerMedian = <Value>(
  values: readonly Value[],
  compare: (one: Value, other: Value) => number,
): Value | undefined => values.toSorted(compare)[Math.floor((values.length - 1) / 2)];

export const byNumber = (one: number, other: number): number => one - other;
