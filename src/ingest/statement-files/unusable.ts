/** Thrown inside the row reader: why a row is no expense. Rows with the same fault have the same message. */
export class Unusable extends Error {}

/** A row that is rightly no expense: a payment that was reverted, or money that came in. */
export class LeftOut extends Error {}
