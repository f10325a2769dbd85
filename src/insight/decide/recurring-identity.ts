/** Says which of the streams that were found are known already, so that they keep their ids and what the person said. */
import { firstChargeDay, type Stream } from './recurring.ts';
import type { Cadence } from './recurring-schedule.ts';

export const recurringDecisions = ['confirmed', 'ignored'] as const;
export type RecurringDecision = (typeof recurringDecisions)[number];

/** A stream as its row has it. `decision`: what the person said of it. */
export type KnownStream = {
  id: string;
  merchantKey: string;
  currency: string;
  cadence: Cadence;
  amountMinor: bigint;
  lastDay: string;
  lastExpenseId: string;
  decision: RecurringDecision | null;
};

/** A stream that was found, with its id and what the person said of it. */
export type IdentifiedStream = { id: string; stream: Stream; decision: RecurringDecision | null };

/** `end`: ids of streams that were not found again and stay, as the person decided on them. `remove`: the others. */
export type StreamChanges = {
  insert: Stream[];
  update: IdentifiedStream[];
  end: string[];
  remove: string[];
};

/**
 * A stream is the known one of its cadence that has its last charge among its own, else that of its merchant and currency
 * whose amount is nearest. So another price, another name of the merchant and a corrected expense change no id.
 */
export function reconcileStreams(
  found: readonly Stream[],
  known: readonly KnownStream[],
  today: string,
): StreamChanges {
  const left = new Map(known.map((each) => [each.id, each]));
  const matched = new Map<Stream, KnownStream>();
  const matchBy = (nearestOf: (stream: Stream, rows: KnownStream[]) => KnownStream | undefined) => {
    for (const stream of found.filter((each) => !matched.has(each))) {
      const row = nearestOf(
        stream,
        [...left.values()].filter(({ cadence }) => cadence === stream.cadence),
      );
      if (!row) continue;
      matched.set(stream, row);
      left.delete(row.id);
    }
  };
  matchBy(({ expenseIds }, rows) => rows.find(({ lastExpenseId }) => expenseIds.includes(lastExpenseId)));
  matchBy(nearestAmount);
  const isKept = ({ decision, lastDay }: KnownStream) =>
    decision !== null && lastDay >= firstChargeDay(today);
  const unmatched = [...left.values()];
  return {
    insert: found.filter((stream) => !matched.has(stream)),
    update: [...matched].map(([stream, { id, decision }]) => ({ id, stream, decision })),
    end: unmatched.filter(isKept).map(({ id }) => id),
    remove: unmatched.filter((row) => !isKept(row)).map(({ id }) => id),
  };
}

function nearestAmount(stream: Stream, rows: KnownStream[]): KnownStream | undefined {
  const distance = ({ amountMinor }: KnownStream) => Math.abs(Number(amountMinor - stream.amountMinor));
  return rows
    .filter((row) => row.merchantKey === stream.merchantKey && row.currency === stream.currency)
    .toSorted((one, other) => distance(one) - distance(other))[0];
}
