/** Rows as arrays, a column each, which one statement takes with `unnest`. */

/** Gives a function that reads one column of the rows, in their order. */
export const columnOf =
  <Row>(rows: readonly Row[]) =>
  <Value>(read: (row: Row, index: number) => Value): Value[] =>
    rows.map(read);
