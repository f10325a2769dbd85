/** Finds people's streams among their expenses. */
import { setImmediate as giveWay } from 'node:timers/promises';
import { type Charge, findStreams, type Stream } from '../decide/recurring.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AskedDays } from '../spending/read-day-spending.ts';
import { readCharges } from './read-charges.ts';

/** `charges`: those of the days asked for. `streams`: as found on the last of these days. */
export type PersonStreams = { charges: readonly Charge[]; streams: readonly Stream[] };

/** Keyed by person; they belong to one tenant. */
export async function findPeoplesStreams(
  sql: Sql,
  tenantId: string,
  asked: readonly AskedDays[],
): Promise<Map<string, PersonStreams>> {
  const charges = await readCharges(sql, tenantId, asked);
  const found = new Map<string, PersonStreams>();
  for (const { userId, lastDay } of asked) {
    const own = charges.get(userId) ?? [];
    found.set(userId, { charges: own, streams: findStreams(own, lastDay) });
    // Somebody with a thousand expenses takes some milliseconds, and others of this process are waiting.
    await giveWay();
  }
  return found;
}

/** The ids of the expenses that belong to a stream, of all these people. */
export const recurringExpenseIds = (people: Iterable<Pick<PersonStreams, 'streams'>>): string[] =>
  [...people].flatMap(({ streams }) => streams.flatMap(({ expenseIds }) => expenseIds));
