/** The ledger of a person's day in the API's format. */
import { type Static, Type } from 'typebox';
import { type LedgerEntry, ledgerKinds } from '../../notify/messages/ledger.ts';
import type { Ledger } from '../../notify/read-ledger.ts';
import { channels } from '../../values/channels.ts';
import { formatAmount } from '../../values/money.ts';
import { bases } from '../../values/severity.ts';
import { amount, day } from './rule.ts';
import { identifier, instant } from './text.ts';

export const ledgerEntrySchema = Type.Object({
  at: instant(
    'when it happened; an expense of another day stands at the decision that it caused, and a delivery where it was sent or else ended',
  ),
  kind: Type.Enum(ledgerKinds),
  why: Type.String({
    description: 'a sentence or two in the person’s language',
    examples: ['Groceries reached 100% of its budget of $400.00, with $412.30 spent.'],
  }),
  expenseId: Type.Optional(identifier('the expense, or the one that caused it')),
  ruleId: Type.Optional(Type.String({ format: 'uuid' })),
  level: Type.Optional(Type.Integer({ description: 'the threshold’s percent' })),
  basis: Type.Optional(Type.Enum(bases, { description: 'of the level' })),
  outcome: Type.Optional(
    Type.String({ description: 'the decision’s; or the status of the notification or the delivery' }),
  ),
  notificationId: Type.Optional(Type.String({ format: 'uuid' })),
  channel: Type.Optional(Type.Enum(channels)),
  amount: Type.Optional(amount('of the expense, in its own currency')),
  currency: Type.Optional(Type.String({ description: 'the expense’s', examples: ['USD'] })),
});

export const ledgerSchema = Type.Object({
  date: day('in the person’s zone'),
  timezone: Type.String({ description: 'the person’s', examples: ['Europe/Berlin'] }),
  entries: Type.Array(ledgerEntrySchema, { description: 'oldest first' }),
});

export const ledgerView = ({ date, timeZone, entries }: Ledger): Static<typeof ledgerSchema> => ({
  date,
  timezone: timeZone,
  entries: entries.map(entryView),
});

const entryView = ({
  at,
  amountMinor,
  currency,
  ...entry
}: LedgerEntry): Static<typeof ledgerEntrySchema> => ({
  at: at.toString(),
  ...entry,
  ...(amountMinor === undefined || currency === undefined
    ? {}
    : { amount: formatAmount(amountMinor, currency), currency }),
});
