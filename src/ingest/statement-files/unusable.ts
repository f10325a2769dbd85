/** Thrown inside the row reader: why a row is no expense. Rows with the same fault have the same message. */
export class Unusable extends Error {}

/** A row that is rightly no expense: money that came in, or a payment that is pending or was reverted. */
export class LeftOut extends Error {}

/** The payment was reverted, declined or cancelled. An earlier file may have had it as booked. */
export class Reverted extends LeftOut {
  constructor() {
    super('reverted, declined or cancelled');
  }
}
