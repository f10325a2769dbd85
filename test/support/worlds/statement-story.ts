/**
 * Turns real statements into a sequence of events and its end state: each expense is created, some are edited,
 * deleted or repeated. Shares no code with `src`; the end state is computed for each expense alone.
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

export const statementFile = '../shared/data/birmingham-purchase-cards-2019-2021.csv.gz';

export type StoryEvent = {
  id: string;
  type: `expense.${'created' | 'updated' | 'deleted'}`;
  time: string;
  data: Record<string, string>;
};

/** An expense with its amount in pence. */
export type StoryExpense = { userId: string; categoryId: string; day: string; pence: bigint };

export type Story = {
  /** The events in posting order; some are there twice. */
  events: StoryEvent[];
  /** The expenses at the end. */
  ends: StoryExpense[];
  counts: { rows: number; edits: number; deletions: number; repeats: number };
};

type Row = Record<string, string>;

/** Plays the last `size` usable rows before the day `end`. `from` is the time of the first event. */
export async function playStory(size: number, end: string, from: Temporal.Instant): Promise<Story> {
  const rows: Row[] = parse(gunzipSync(await readFile(statementFile)), { columns: true });
  const usable = rows.flatMap((row) => toExpense(row)).filter(({ day }) => day < end);
  const chosen = usable.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day))).slice(-size);
  const story: Story = { events: [], ends: [], counts: { rows: 0, edits: 0, deletions: 0, repeats: 0 } };
  for (const [index, expense] of chosen.entries()) addExpense(story, expense, index, from);
  return { ...story, events: mixed(story.events) };
}

function toExpense(row: Row): StoryExpense[] {
  const of = (column: string): string => (row[column] ?? '').trim();
  const [userId, categoryId, day] = [of('card_last4'), of('category'), of('transaction_date')];
  const pence = penceOf(row);
  const isUsable = userId && categoryId && /^\d{4}-\d\d-\d\d$/.test(day);
  return isUsable && pence !== null ? [{ userId, categoryId, day, pence }] : [];
}

/** Reads the billed amount, or else the original one, if it is in pounds. */
function penceOf(row: Row): bigint | null {
  const amount = [
    [row['billed_amount'], row['billed_currency']],
    [row['original_amount'], row['original_currency']],
  ].find(([text, currency]) => text?.trim() && currency?.trim() === 'GBP')?.[0];
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount?.trim() ?? '');
  if (!match) return null;
  const [, sign, whole, part = ''] = match;
  return BigInt(`${whole}${part.padEnd(2, '0')}`) * (sign ? -1n : 1n);
}

/** Adds an expense: every 11th is edited, every 23rd deleted and every 17th posted twice. */
function addExpense(
  { events, ends, counts }: Story,
  expense: StoryExpense,
  index: number,
  from: Temporal.Instant,
) {
  counts.rows += 1;
  const at = (hours: number): string => from.add({ hours, milliseconds: index }).toString();
  const post = (type: StoryEvent['type'], hours: number, data: Record<string, string>): void => {
    events.push({ id: `${type} ${index}`, type, time: at(hours), data: { expenseId: `e${index}`, ...data } });
  };
  let end: StoryExpense | null = expense;
  post('expense.created', 0, dataOf(expense));
  if (index % 11 === 0) {
    counts.edits += 1;
    end = { ...expense, pence: expense.pence + 1000n + BigInt(index) };
    post('expense.updated', 1, dataOf(end));
  }
  if (index % 23 === 0) {
    counts.deletions += 1;
    end = null;
    post('expense.deleted', 2, {});
  }
  if (index % 17 === 0) {
    counts.repeats += 1;
    post('expense.created', 0, dataOf(expense));
  }
  if (end) ends.push(end);
}

const dataOf = ({ userId, categoryId, day, pence }: StoryExpense): Record<string, string> => ({
  userId,
  categoryId,
  amount: formatPence(pence),
  currency: 'GBP',
  spentAt: `${day}T12:00:00Z`,
});

export function formatPence(pence: bigint): string {
  const digits = String(pence < 0n ? -pence : pence).padStart(3, '0');
  return `${pence < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reorders events over short distances, the same each time. An edit may come before its creation. */
const mixed = (events: readonly StoryEvent[]): StoryEvent[] =>
  events
    .map((event, index) => ({ event, position: index + ((index * 7919) % 97) }))
    .sort((a, b) => a.position - b.position)
    .map(({ event }) => event);
