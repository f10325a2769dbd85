/** The order of an expense's events, from the contract: slow, obvious and without code of `src`. */

type OrderedEvent = {
  time: Temporal.Instant;
  type: 'created' | 'updated' | 'deleted';
  sequence: string | null;
};

/** Equal ones have one key; a later one sorts higher, one by one. */
const keyOf = ({ time, type, sequence }: OrderedEvent): (bigint | number)[] => [
  time.epochNanoseconds,
  { created: 1, updated: 2, deleted: 3 }[type],
  // A sequence begins with 1, so that none at all is below the empty one.
  ...(sequence === null ? [] : [1, ...Array.from(sequence, (letter) => letter.codePointAt(0) ?? 0)]),
];

/** Negative, 0 or positive. A key that is longer and begins with the other one is later. */
export function compareEvents(a: OrderedEvent, b: OrderedEvent): number {
  const [one, other] = [keyOf(a), keyOf(b)];
  for (const [index, part] of one.entries()) {
    const counterpart = other[index];
    if (counterpart === undefined || part > counterpart) return 1;
    if (part < counterpart) return -1;
  }
  return one.length - other.length;
}

/** The event that describes the expense, of those that were received in this order. */
export const findWinner = <Event extends OrderedEvent>(received: readonly Event[]): Event | undefined =>
  received.findLast((event) => received.every((other) => compareEvents(event, other) >= 0));
