/** Kind, state, merchant and replaced expense in an event: which values are taken, and which are refused where. */
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { eventSchema } from '../../../src/http/schemas/event.ts';
import { parseEvent } from '../../../src/ingest/decide/event.ts';

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const context = { tenantId: 't1', now };

const given = {
  expenseId: 'exp_9',
  userId: 'u1',
  categoryId: 'groceries',
  amount: '42.10',
  currency: 'USD',
  spentAt: '2026-11-22T09:58:12Z',
};
const withData = (data: object, type = 'expense.created') => ({
  id: 'evt_01',
  source: 'cards',
  type,
  time: '2026-11-22T10:00:00Z',
  data: { ...given, ...data },
});

function read(body: unknown, changes: object = {}) {
  const parsed = parseEvent(body, { ...context, ...changes });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.event;
}

const pointers = (body: unknown) => {
  const parsed = parseEvent(body, context);
  return parsed.ok ? [] : parsed.errors.map(({ pointer }) => pointer);
};

describe('an event is accepted', () => {
  test.each<[string, object, object]>([
    ['a kind', { kind: 'transfer' }, { kind: 'transfer' }],
    ['the kind that is understood anyway', { kind: 'purchase' }, { kind: 'purchase' }],
    ['a refund below 0', { kind: 'refund', amount: '-1' }, { kind: 'refund', amountMinor: -100n }],
    ['a refund of 0', { kind: 'refund', amount: '0' }, { kind: 'refund', amountMinor: 0n }],
    ['a purchase below 0', { amount: '-1' }, { kind: 'purchase', amountMinor: -100n }],
    ['a fee', { kind: 'fee' }, { kind: 'fee' }],
    ['cash', { kind: 'cash' }, { kind: 'cash' }],
    ['a state', { status: 'pending' }, { status: 'pending' }],
    ['a merchant’s id', { merchantId: 'm 1' }, { merchantRef: { source: 'cards', id: 'm 1' } }],
    ['a merchant’s category', { mcc: '0742' }, { mcc: '0742' }],
    [
      'null for all of them',
      { kind: null, status: null, merchantId: null, mcc: null, replaces: null },
      { kind: 'purchase', status: 'posted', merchantRef: null, mcc: null },
    ],
  ])('with %s', (_name, data, expense) => {
    expect(read(withData(data)).expense).toMatchObject(expense);
    expect(Value.Check(eventSchema, withData(data))).toBe(true);
  });

  test('with the expense that it replaces, also as an update', () => {
    const body = withData({ replaces: 'exp_8' }, 'expense.updated');
    expect(read(body).replaces).toBe('exp_8');
    expect(Value.Check(eventSchema, body)).toBe(true);
  });

  test('with an expense of its source, if the ids of that are its own', () => {
    const own = { source: 'whs_1', ownIds: true };
    expect(read(withData({ replaces: 'exp_8' }), own)).toMatchObject({
      expenseId: 'whs_1:exp_9',
      replaces: 'whs_1:exp_8',
      expense: { merchantRef: null },
    });
    expect(read(withData({}), own).replaces).toBeNull();
  });

  test('as deleted, whatever it says of these', () => {
    const deleted = withData(
      { kind: 'x', status: 1, replaces: 'exp_9', merchantId: '', mcc: 5 },
      'expense.deleted',
    );
    expect(read(deleted)).toMatchObject({ expense: null, replaces: null });
    expect(Value.Check(eventSchema, deleted)).toBe(true);
  });
});

describe('an event is refused', () => {
  const byPattern: [string, object, string][] = [
    ...['', 'Purchase', 'income', 7, {}, ['fee']].map((kind): [string, object, string] => [
      `kind ${JSON.stringify(kind)}`,
      { kind },
      '/data/kind',
    ]),
    ...['', 'authorized', true].map((status): [string, object, string] => [
      `status ${JSON.stringify(status)}`,
      { status },
      '/data/status',
    ]),
    ...['', 'a\nb', 'x'.repeat(129), '\ud800', 7, ['a']].flatMap((id): [string, object, string][] => [
      [`merchantId ${JSON.stringify(id).slice(0, 20)}`, { merchantId: id }, '/data/merchantId'],
      [`replaces ${JSON.stringify(id).slice(0, 20)}`, { replaces: id }, '/data/replaces'],
    ]),
    ...['', '541', '54110', '54a1', ' 541', '5411\n', '٥٤١١', 5411, ['5411']].map(
      (mcc): [string, object, string] => [`mcc ${JSON.stringify(mcc)}`, { mcc }, '/data/mcc'],
    ),
    ['correlationId, which is not known yet', { correlationId: 'c' }, '/data/correlationId'],
    ['accountId, which is not known yet', { accountId: 'a' }, '/data/accountId'],
  ];

  test.each(byPattern)('with %s, by the documented schema too', (_name, data, pointer) => {
    expect(pointers(withData(data))).toEqual([pointer]);
    expect(Value.Check(eventSchema, withData(data))).toBe(false);
  });

  test.each<[string, object, string]>([
    ['a refund above 0', { kind: 'refund' }, '/data/amount'],
    ['a refund of a wrong amount, once', { kind: 'refund', amount: 'x' }, '/data/amount'],
    ['itself as the expense that it replaces', { replaces: 'exp_9' }, '/data/replaces'],
  ])('with %s', (_name, data, pointer) => {
    expect(pointers(withData(data))).toEqual([pointer]);
  });
});
